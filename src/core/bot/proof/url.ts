import { type JsonPath, valueAt } from '#core/config/proof/json-path.js'
import { messageOf } from '#core/errors.js'
import { type Answer, ask } from '#core/platform/net/http.js'
import type { Matches } from './pattern.js'
import type { Probed } from './poll.js'

const TIMEOUT_MS = 5000
const MAX_BYTES = 1024 * 1024

/** The demands on an answer beyond its status. */
export interface UrlRule {
  /** A value that must change, by its path. */
  readonly fresh?: { readonly text: string; readonly path: JsonPath } | undefined
  readonly expect?: Matches | undefined
}

/** A value of the answer that can be compared. */
type Value = string | number | boolean

/** Returns what probes a program's own health address. */
export function urlProbe(url: string, rule: UrlRule): () => Promise<Probed> {
  let before: Value | undefined
  return async () => {
    try {
      const { probed, value } = judgeAnswer(
        await ask(url, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES }),
        rule,
        before,
      )
      before = value
      return probed
    } catch (error) {
      return { is: 'silence', why: messageOf(error) }
    }
  }
}

/** Judges an answer by the value of the one before, and returns its own value for the next. */
export function judgeAnswer(
  { status, body }: Pick<Answer, 'status' | 'body'>,
  { fresh, expect }: UrlRule,
  before: Value | undefined,
): { probed: Probed; value: Value | undefined } {
  const silent = (why: string) => ({ probed: { is: 'silence', why } as const, value: before })
  if (status < 200 || status >= 300) return silent(`HTTP ${status}`)
  if (expect !== undefined && !expect(body)) return silent('the answer does not match BOT_HEALTH_EXPECT')
  if (fresh === undefined) return { probed: { is: 'proof' }, value: undefined }
  const value = valueIn(body, fresh.path)
  if (value === undefined) return silent(`the answer has no value at ${fresh.text}`)
  if (value !== before && before !== undefined) return { probed: { is: 'proof' }, value }
  const seen = before === undefined ? 'has been seen only once' : 'has not changed'
  return { probed: { is: 'silence', why: `the value of ${fresh.text} ${seen}`, isUsual: true }, value }
}

function valueIn(body: string, path: JsonPath): Value | undefined {
  try {
    const value = valueAt(JSON.parse(body), path)
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined
  } catch {
    return undefined
  }
}
