import { type Alert, aboutOf, factsOf, footerOf, redacted } from '#core/alerts/alert.js'
import { openChannel } from '#core/alerts/channels/open-channel.js'
import { asSender, isWatchdogSending } from '#core/alerts/sender.js'
import { AlertSenders } from '#core/alerts/senders.js'
import { alertChannels } from '#core/config/alerts/alert-channels.js'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import { messageOf } from '#core/errors.js'
import { sleep, within } from '#core/platform/clock.js'

/** An alert about a deployment. */
export interface DeployAlert {
  /** The id of the deployment: a later alert with the same id edits the message. */
  readonly id: string
  readonly title: string
  readonly description: string
  readonly isGood: boolean
  readonly lookFurther: string
}

/** The time after which a channel that doesn't answer holds nobody up any longer. */
const SEND_TIMEOUT_MS = 15_000
const POLL_INTERVAL_MS = 200

/**
 * Alerts the admin, if there is an alert channel. A watchdog that runs here sends the alert. Without one it is sent now,
 * and if that fails it waits on disk for the next sender. A failure is only a warning.
 */
export async function alertAdmin(
  home: DeployHome,
  message: DeployAlert,
  onWarning: (text: string) => void,
): Promise<void> {
  if (alertChannels(home.settings).length === 0) return
  try {
    for (const { channel, why } of await sendAlert(home, message))
      onWarning(
        `The alert to the admin could not be sent to ${channel} yet: ${why}. It waits in the queue for the next watchdog or deployment.`,
      )
  } catch (error) {
    onWarning(`The alert to the admin could not be sent: ${home.redact(messageOf(error))}`)
  }
}

/** Returns the channels for which the alert still waits, and why, if no watchdog is there to send it. */
async function sendAlert(home: DeployHome, message: DeployAlert): Promise<{ channel: string; why: string }[]> {
  const { clock, paths, owner, redact, asOwner, settings } = home
  const senders = new AlertSenders(clock, {
    folder: paths.alerts,
    as: asOwner,
    channels: () => alertChannels(settings),
    open: (channel) => openChannel(channel, settings, () => clock.now()),
    redact,
    onNews: () => {},
  })
  const id = `deployment-${message.id}`
  senders.inbox.add(id, clock.now(), redacted(alertOf(home, message), redact))
  if (await isWatchdogSending(paths, owner)) return []
  const end = new AbortController()
  const before = clock.monotonic() + SEND_TIMEOUT_MS
  const sendAll = () => senders.run(end.signal, { before })
  const send = async () => {
    while (!end.signal.aborted && senders.waitingFor(id).length > 0) {
      if (await asSender(clock, { paths, owner, role: 'command' }, sendAll)) return
      await sleep(clock, POLL_INTERVAL_MS, end.signal) // another one sends, and may be past ours
    }
  }
  await within(clock, SEND_TIMEOUT_MS, send())
  end.abort()
  return senders.waitingFor(id).map((channel) => ({ channel, why: senders.failureOf(id, channel) ?? 'no answer yet' }))
}

function alertOf({ paths, settings, asOwner }: DeployHome, message: DeployAlert): Alert {
  const facts = asOwner(() => factsOf(paths, settings))
  return {
    title: `${facts.bot}: ${message.title}`,
    description: message.description,
    tone: message.isGood ? 'good' : 'bad',
    fields: [{ key: 'commands', name: 'Look further', value: message.lookFurther, as: 'code' }],
    footer: footerOf(facts),
    about: aboutOf(facts, { kind: 'deployment', name: message.id }),
  }
}
