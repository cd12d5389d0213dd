import { type Alert, aboutOf, factsOf, footerOf } from '#core/alerts/alert.js'
import { sendOnce } from '#core/alerts/send-once.js'
import type { DeployHome } from '#core/deploy/deploy-home.js'

/** An alert about a deployment. */
export interface DeployAlert {
  /** The id of the deployment: a later alert with the same id edits the message. */
  readonly id: string
  readonly title: string
  readonly description: string
  readonly isGood: boolean
  readonly lookFurther: string
}

/** Alerts the admin, if there is an alert channel; see {@link sendOnce}. */
export function alertAdmin(home: DeployHome, message: DeployAlert, onWarning: (text: string) => void): Promise<void> {
  return sendOnce(home, `deployment-${message.id}`, alertOf(home, message), onWarning)
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
