import { alertChannels } from '#core/config/alerts/alert-channels.js'
import { messageOf } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import { sleep, within } from '#core/platform/clock.js'
import { type Alert, redacted } from './alert.js'
import { openChannel } from './channels/open-channel.js'
import { asSender, isWatchdogSending } from './sender.js'
import { AlertSenders } from './senders.js'

/** The time after which a channel that doesn't answer holds nobody up any longer. */
const SEND_TIMEOUT_MS = 15_000
const POLL_INTERVAL_MS = 200

/**
 * Sends an alert of a command, if there is an alert channel. A watchdog that runs here sends it. Without one it is sent
 * now, and if that fails it waits on disk for the next sender. A failure is only a warning. A later alert with the same id
 * edits the message.
 */
export async function sendOnce(home: Home, id: string, alert: Alert, onWarning: (text: string) => void): Promise<void> {
  if (alertChannels(home.settings).length === 0) return
  try {
    for (const { channel, why } of await send(home, id, alert))
      onWarning(
        `The alert to the admin could not be sent to ${channel} yet: ${why}. It waits in the queue for the next watchdog or deployment.`,
      )
  } catch (error) {
    onWarning(`The alert to the admin could not be sent: ${home.redact(messageOf(error))}`)
  }
}

/** Returns the channels for which the alert still waits, and why, if no watchdog is there to send it. */
async function send(home: Home, id: string, alert: Alert): Promise<{ channel: string; why: string }[]> {
  const { clock, paths, owner, redact, asOwner, settings } = home
  const senders = new AlertSenders(clock, {
    folder: paths.alerts,
    as: asOwner,
    channels: () => alertChannels(settings),
    open: (channel) => openChannel(channel, settings, () => clock.now()),
    redact,
    onNews: () => {},
  })
  senders.inbox.add(id, clock.now(), redacted(alert, redact))
  if (await isWatchdogSending(paths, owner)) return []
  const end = new AbortController()
  const before = clock.monotonic() + SEND_TIMEOUT_MS
  const sendAll = () => senders.run(end.signal, { before })
  const sendWaiting = async () => {
    while (!end.signal.aborted && senders.waitingFor(id).length > 0) {
      if (await asSender(clock, { paths, owner, role: 'command' }, sendAll)) return
      await sleep(clock, POLL_INTERVAL_MS, end.signal) // another one sends, and may be past ours
    }
  }
  await within(clock, SEND_TIMEOUT_MS, sendWaiting())
  end.abort()
  return senders.waitingFor(id).map((channel) => ({ channel, why: senders.failureOf(id, channel) ?? 'no answer yet' }))
}
