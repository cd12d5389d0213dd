import { countOf } from '#core/text.js'
import type { ServiceUpgrade } from '#core/upgrade/upgrade-home.js'

/** Describes what has become of one service, and of what a person has to do about it. */
export function upgradedText({ home, name, role, outcome, why }: ServiceUpgrade, version: string): string {
  const words: Readonly<Record<ServiceUpgrade['outcome'], string>> = {
    upgraded: role === 'bot' ? `runs ${version}, and works` : `runs ${version}`,
    restarted: `was restarted: ${why}`,
    current: `was left as it is: ${why}`,
    not_running: `was left as it is: ${why}`,
    left: `goes on with the program before: ${why}. Afterwards: catalyst service restart ${role} --home ${home}`,
    failed: `does not work with ${version}: ${why}`,
  }
  return `${name} (${home}) ${words[outcome]}`
}

/** Sums up an upgrade of several services. */
export function upgradeText(services: readonly ServiceUpgrade[]): string {
  if (services.length === 0) return 'No service of this machine that you may see runs this program.'
  const upgraded = services.filter(({ outcome }) => outcome === 'upgraded' || outcome === 'restarted').length
  return `${countOf(upgraded, 'service')} restarted.`
}
