import { table } from '#cli/table.js'
import { incidentLine } from '#cli/watchdog/watchdog-text.js'
import { pauseEndText } from '#core/home/pause.js'
import { harmless } from '#core/logging/read/plain.js'
import { quoteWord } from '#core/text.js'
import type { RefreshedBot } from '#core/watchdog/shared/refresh-bots.js'
import type { SharedHomeStatus, SharedStatus } from '#core/watchdog/shared/shared-status.js'
import type { SurveyedHome } from '#core/watchdog/shared/survey.js'

/** Returns how each home will stand with the shared watchdog, and what to type for those that it leaves alone. */
export function surveyText(homes: readonly SurveyedHome[]): string {
  if (homes.length === 0) return 'No home is registered yet. One that is made later is watched: catalyst init'
  return homes.map((one) => harmless(homeText(one))).join('\n')
}

function homeText({ home, state, why, own_service }: SurveyedHome): string {
  if (state === 'watched') return `${home}: watched`
  const folder = quoteWord(home)
  if (own_service !== null)
    return `${home}: left to ${own_service}. To have it watched by this one: catalyst service uninstall watchdog --home ${folder}`
  if (state === 'left') return `${home}: left alone: ${why}`
  return `${home}: can't be watched: ${why}. See: catalyst config check --home ${folder}`
}

/** Returns what became of the entry of a bot's service. */
export function refreshedText({ home, entry, why }: RefreshedBot): string {
  const repair = `catalyst service install --home ${quoteWord(home)}`
  if (entry === 'updated') return `${home}: its bot's service is brought up to date; that applies from its next start.`
  if (entry === 'kept') return `${home}: its bot's service was edited by hand, and stays so: ${repair} shows how.`
  return `${home}: its bot's service could not be brought up to date: ${why} Later: ${repair}`
}

/** Returns what to know about homes whose shared watchdog was removed. */
export function unwatchedText(homes: readonly string[]): string[] {
  if (homes.length === 0) return []
  return [
    `No watchdog watches these homes any more, and a bot without a service is stopped: ${homes.map(harmless).join(', ')}`,
    'For one of them: catalyst service install --with-watchdog --home HOME',
  ]
}

/** Returns the status of the shared watchdog and of its homes, for a person. */
export function sharedStatusText({ running, pid, service, homes }: SharedStatus): string {
  const head = table([
    ['watchdog', running ? `runs (pid ${pid}), for all homes` : 'does not run'],
    ['service', service === null ? 'none: catalyst watchdog install --all' : `${service.name}, ${service.state}`],
  ])
  const warnings = service?.warnings.map((warning) => `warning: ${warning}`) ?? []
  const rows = homes.map((one) => [one.home, standing(one), figures(one)].map(harmless))
  return [head, ...warnings, ...(rows.length === 0 ? [] : ['', table(rows)])].join('\n')
}

function standing({ state, why }: SharedHomeStatus): string {
  switch (state) {
    case 'watched':
      return 'watched'
    case 'left':
      return `left alone: ${why}`
    case 'failing':
      return `can't be watched: ${why}`
    case 'gone':
      return 'gone'
  }
}

function figures({ state, bot, restarts_left, incident, paused }: SharedHomeStatus): string {
  if (state !== 'watched') return ''
  return [
    `the bot is ${bot ?? 'silent'}`,
    `${restarts_left ?? 'unknown'} restarts left`,
    ...(paused === null ? [] : [`paused ${pauseEndText(paused)}`]),
    ...(incident === null || incident.state === 'recovered' ? [] : [incidentLine(incident)]),
  ].join(', ')
}
