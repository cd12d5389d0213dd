import { countOf, duration, localTime } from '#core/text.js'
import { GIVEN_UP_AFTER_MS } from './schedule.js'
import type { News } from './sender.js'

/** Returns the log line for news of the queue. `wall` is wall time, in ms since 1970. */
export function newsText(news: News, wall: number): string {
  if (news.kind === 'fault')
    return news.why === undefined ? 'alerts can be sent again' : `alerts can't be sent: ${news.why}`
  const { alert, failure } = news
  const name = `the alert "${alert.alert.title}"`
  switch (news.kind) {
    case 'failing':
      return `${name} could not be sent: ${failure.why}; it is tried again until ${localTime(alert.at + GIVEN_UP_AFTER_MS)}`
    case 'through':
      return `${name} has gone out, after ${duration(wall - failure.since)}`
    case 'given up':
      return `${name} was given up after ${countOf(failure.tries, 'try', 'tries')}: ${failure.why}`
  }
}
