import { table } from '#cli/table.js'
import type { AlertsStatus } from '#core/alerts/status.js'
import { pauseEndText } from '#core/home/pause.js'
import type { Attention } from '#core/incidents/incident.js'
import { stateText, whyText } from '#core/incidents/incident-words.js'
import { harmless } from '#core/logging/read/plain.js'
import { countOf, localTime } from '#core/text.js'
import type { WatchdogStatus } from '#core/watchdog/status.js'

/** Returns the watchdog's status for a person. */
export function watchdogText(status: WatchdogStatus): string {
  const { bot, paused, last_check, late, next_check } = status
  const { restarts_used, restarts_left, next_restart, incident, alerts } = status
  return table([
    ['watchdog', processText(status)],
    ...(paused === null ? [] : [['paused', `${harmless(pauseEndText(paused))}; end it: catalyst watchdog resume`]]),
    ['the bot', late ? `not known; at the last check it was ${bot ?? 'silent'}` : (bot ?? 'unknown')],
    ['last check', late ? `${localTime(last_check)}: ${LATE}` : localTime(last_check)],
    ['next check', localTime(next_check)],
    ['restarts', `${restarts_used} in the last hour, ${restarts_left} left`],
    ...(next_restart === null ? [] : [['next restart', localTime(next_restart)]]),
    ['last incident', incident === null ? '-' : incidentLine(incident)],
    ...alertRows(alerts),
  ])
}

const LATE = "it has written nothing since: it can't (is the disk full?), or is restarting the bot (catalyst logs)"

/** Describes the last incident in one line. */
export function incidentLine(
  incident: Pick<NonNullable<WatchdogStatus['incident']>, 'since' | 'why' | 'ends' | 'state' | 'attention'>,
): string {
  const { since, state, attention } = incident
  const why = attention === null ? '' : `: ${ATTENTION[attention.why]}`
  return `${localTime(since)}: ${whyText(incident)}, ${stateText(state)}${why}`
}

const ATTENTION: Readonly<Record<Attention['why'], string>> = {
  restarts_used_up: 'the restarts of an hour are used up',
  restarts_switched_off: 'restarts are switched off (WATCHDOG_RESTART_ON_FREEZE=0)',
  not_retried: 'another start would not help (catalyst config check)',
  not_proof: 'it is not restarted for signs (BOT_PROOF=network)',
}

function alertRows(alerts: AlertsStatus | null): string[][] {
  if (alerts === null) return [['alerts', 'only the owner of the home is permitted to see them']]
  const waiting = alerts.waiting.map(({ channel, title, since, tries, why }) => {
    const reason = why === null ? '' : `: ${why} (${countOf(tries, 'try', 'tries')})`
    return ['alert waits', `${channel === null ? '' : `for ${channel} `}since ${localTime(since)}: ${title}${reason}`]
  })
  const givenUp = alerts.given_up.map(({ channel, title, at, why }) => [
    'alert given up',
    `${channel}, ${localTime(at)}: ${title}: ${why}`,
  ])
  return [...waiting, ...givenUp].map((row) => row.map(harmless))
}

function processText({ running, enabled, pid, shared }: WatchdogStatus): string {
  if (running) return `runs (pid ${pid})${shared ? ', for all homes' : ''}`
  if (!enabled) return 'does not run: WATCHDOG_ENABLED is off'
  return shared
    ? 'the one for all homes does not run, or not for this one: catalyst watchdog status --all'
    : 'does not run: catalyst service start watchdog, or catalyst watchdog run'
}
