import { messageOf } from '#core/errors.js'
import { type Answer, ask } from '#core/platform/net/http.js'
import { countOf } from '#core/text.js'
import type { Probed } from './poll.js'

const TIMEOUT_MS = 5000
const MAX_BYTES = 64 * 1024
/** The least interval between two questions: the API is somebody else's. */
export const LEAST_INTERVAL_MS = 30_000

/** Returns what asks Telegram whether the bot's updates are fetched. The token is in no result. */
export function telegramProbe(api: string, token: string): () => Promise<Probed> {
  const url = `${api.replace(/\/+$/, '')}/bot${token}/getWebhookInfo`
  let before: number | undefined
  return async () => {
    try {
      const { probed, count } = judgeUpdates(await ask(url, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES }), before)
      before = count
      return probed
    } catch (error) {
      before = undefined
      return { is: 'unknown', why: messageOf(error) }
    }
  }
}

/**
 * Judges an answer to getWebhookInfo by the count of the one before. No update that waits, or fewer than before, prove
 * that somebody fetches them. What we can't ask is no silence of the bot.
 */
export function judgeUpdates(
  { status, body }: Pick<Answer, 'status' | 'body'>,
  before: number | undefined,
): { probed: Probed; count: number | undefined } {
  const unknown = (why: string) => ({ probed: { is: 'unknown', why } as const, count: undefined })
  if (status === 401 || status === 404) return unknown(`HTTP ${status}: Telegram does not know BOT_TELEGRAM_TOKEN`)
  if (status !== 200) return unknown(`HTTP ${status}`)
  const count = countIn(body)
  if (count === undefined) return unknown('the answer is not that of the Telegram Bot API')
  if (count === 0 || (before !== undefined && count < before)) return { probed: { is: 'proof' }, count }
  const updates = `${countOf(count, 'update')} ${count === 1 ? 'waits' : 'wait'}`
  if (before === undefined)
    return {
      probed: { is: 'unknown', why: `${updates}: the next answer tells whether they are fetched`, isUsual: true },
      count,
    }
  return { probed: { is: 'silence', why: `${updates}, and nobody fetches them` }, count }
}

function countIn(body: string): number | undefined {
  try {
    const count = JSON.parse(body)?.result?.pending_update_count
    return Number.isInteger(count) && count >= 0 ? count : undefined
  } catch {
    return undefined
  }
}
