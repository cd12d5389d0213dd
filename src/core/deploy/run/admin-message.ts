import { type Alert, factsOf, footerOf, redacted } from '#core/alerts/alert.js'
import { AlertSender, asSender, isWatchdogSending } from '#core/alerts/sender.js'
import { AlertStore } from '#core/alerts/store.js'
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

/** The time after which a webhook that doesn't answer holds nobody up any longer. */
const SEND_TIMEOUT_MS = 15_000
const POLL_INTERVAL_MS = 200

/**
 * Alerts the admin, if there is a webhook. A watchdog that runs here sends the alert. Without one it is sent now, and
 * if that fails it waits on disk for the next sender. A failure is only a warning.
 */
export async function alertAdmin(
  home: DeployHome,
  message: DeployAlert,
  onWarning: (text: string) => void,
): Promise<void> {
  if (home.settings.ADMIN_ALERT_WEBHOOK === undefined) return
  try {
    const why = await sendAlert(home, message, home.settings.ADMIN_ALERT_WEBHOOK)
    if (why !== undefined)
      onWarning(
        `The alert to the admin could not be sent yet: ${why}. It waits in the queue for the next watchdog or deployment.`,
      )
  } catch (error) {
    onWarning(`The alert to the admin could not be sent: ${home.redact(messageOf(error))}`)
  }
}

/** Returns why the alert still waits, if it does and no watchdog is there to send it. */
async function sendAlert(home: DeployHome, message: DeployAlert, webhook: string): Promise<string | undefined> {
  const { clock, paths, owner, redact, asOwner } = home
  const store = new AlertStore(paths.alerts, asOwner)
  const id = `deployment-${message.id}`
  store.add(id, clock.now(), redacted(alertOf(home, message), redact))
  if (await isWatchdogSending(paths, owner)) return undefined
  const sender = new AlertSender(clock, { store, webhook: () => webhook, redact, onNews: () => {} })
  const end = new AbortController()
  const waits = () => store.waiting().some((one) => one.id === id)
  const before = clock.monotonic() + SEND_TIMEOUT_MS
  const sendAll = () => sender.run(end.signal, before)
  const send = async () => {
    while (!end.signal.aborted && waits()) {
      if (await asSender(clock, { paths, owner, role: 'command' }, sendAll)) return
      await sleep(clock, POLL_INTERVAL_MS, end.signal) // another one sends, and may be past ours
    }
  }
  await within(clock, SEND_TIMEOUT_MS, send())
  end.abort()
  return waits() ? (store.deliveries().failures[id]?.why ?? 'no answer yet') : undefined
}

function alertOf({ paths, settings, asOwner }: DeployHome, message: DeployAlert): Alert {
  const facts = asOwner(() => factsOf(paths, settings))
  return {
    title: `${facts.bot}: ${message.title}`,
    description: message.description,
    tone: message.isGood ? 'good' : 'bad',
    fields: [{ name: 'Look further', value: message.lookFurther, as: 'code' }],
    footer: footerOf(facts),
  }
}
