import { appendFileSync } from 'node:fs'
import { readNewestSince } from '#core/journal/journal.js'

const POLL_INTERVAL_MS = 200

/**
 * Orders each start for which the bot with this journal waits, as a person does: for bots that are brought down again and
 * again. Returns what ends that.
 */
export function orderStarts(journal: string): () => void {
  const order = () => {
    const last = readNewestSince(journal, Number.POSITIVE_INFINITY).findLast(({ kind }) =>
      /^(bot|service)\./.test(kind),
    )
    if (last?.kind !== 'bot.wait') return
    const entry = { time: last.time, kind: 'service.start', name: 'lab', role: 'bot', by: 'lab' }
    try {
      appendFileSync(journal, `${JSON.stringify(entry)}\n`)
    } catch {
      // its disk is full: the next time
    }
  }
  const timer = setInterval(order, POLL_INTERVAL_MS)
  return () => clearInterval(timer)
}
