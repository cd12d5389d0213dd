import { countOf, duration, localTime } from '#core/text.js'
import { GIVEN_UP_AFTER_MS } from './schedule.js'
import type { ChannelNews } from './senders.js'

/** Returns the log line for news of the queues. `wall` is wall time, in ms since 1970. */
export function newsText(news: ChannelNews, wall: number): string {
  const to = news.channel === undefined ? '' : ` to ${news.channel}`
  if (news.kind === 'fault')
    return news.why === undefined ? `alerts can be sent${to} again` : `alerts can't be sent${to}: ${news.why}`
  const { alert, failure } = news
  const name = `the alert "${alert.alert.title}"`
  switch (news.kind) {
    case 'failing':
      return `${name} could not be sent${to}: ${failure.why}; it is tried again until ${localTime(alert.at + GIVEN_UP_AFTER_MS)}`
    case 'through':
      return `${name} has gone out${to}, after ${duration(wall - failure.since)}`
    case 'given up':
      return `${name}${to} was given up after ${countOf(failure.tries, 'try', 'tries')}: ${failure.why}`
  }
}
