import type { ChannelName } from '#core/config/alerts/channel-names.js'
import { messageOf } from '#core/errors.js'
import type { Clock } from '#core/platform/clock.js'
import { type AlertFacts, testAlert } from './alert.js'
import type { Channel, Outcome } from './channels/channel.js'
import { reasonText } from './channels/plain-text.js'

/** The outcome of a test of a channel. */
export interface TestedChannel {
  readonly channel: ChannelName
  readonly sent: boolean
  /** Why it was not sent, and what to do; null where it was. */
  readonly why: string | null
}

/** Sends the two texts of an incident to each channel, all at the same time, and returns what became of them. */
export function testChannels(
  clock: Clock,
  names: readonly ChannelName[],
  options: {
    readonly open: (name: ChannelName) => Channel
    readonly facts: AlertFacts
    redact: (text: string) => string
  },
): Promise<TestedChannel[]> {
  const { open, facts, redact } = options
  return Promise.all(
    names.map(async (channel) => {
      const why = await whyNot(clock, () => open(channel), facts)
      return { channel, sent: why === undefined, why: why === undefined ? null : reasonText(why, redact) }
    }),
  )
}

async function whyNot(clock: Clock, open: () => Channel, facts: AlertFacts): Promise<string | undefined> {
  try {
    const channel = open()
    const id = `test-${clock.now()}`
    const first = await channel.deliver({ id, at: clock.now(), alert: testAlert(false, facts), sent: undefined })
    if (first.kind !== 'sent') return whyOf(first)
    if (first.message === undefined)
      return 'the message was taken, but its id was not returned: a later text would be a message of its own'
    const second = { id, at: clock.now() + 1, alert: testAlert(true, facts), sent: first.message }
    const edited = await channel.deliver(second)
    return edited.kind === 'sent' ? undefined : `the first message was sent, the second not: ${whyOf(edited)}`
  } catch (error) {
    return messageOf(error)
  }
}

function whyOf(outcome: Exclude<Outcome, { kind: 'sent' }>): string {
  if (outcome.kind === 'gone') return 'the message is not there any more'
  if (outcome.kind !== 'limited') return outcome.why
  return `too many messages; the next one may go out in ${Math.ceil(outcome.retryMs / 1000)} s`
}
