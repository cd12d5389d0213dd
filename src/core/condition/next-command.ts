import { EXIT } from '#core/errors.js'
import { isUnexpected } from '#core/service/status/last-exit.js'
import type { NextCommand, ServiceFacts, Situation } from './condition.js'

const ERRORS = to('catalyst logs --level error --since 1h', 'see what went wrong')
const NEWEST = to('catalyst logs --since 15m', 'see what it did last')
const CHECK_SETTINGS = to('catalyst config check', 'see what is wrong with the settings')
const RECOVER = to('catalyst deploy recover', 'resume the interrupted deployment, or roll it back')
const REPAIR = to('catalyst deploy repair', 'rebuild the active version')
const START = to('catalyst service start', 'start it')
const START_BY_HAND = to('catalyst bot start', 'start it, in this terminal')
const RESTART = to('catalyst service restart', 'restart it')
const SERVICE_STATUS = to('catalyst service status', 'see what is wrong with the service')
const INSTALL = to('catalyst service install', 'install the service again')
const WAIT = to('catalyst health check --wait 60', 'wait until it works')
const ALERTS = to('catalyst alert test', 'see why alerts do not arrive')
const DOCTOR = to('catalyst doctor', 'see why not everything can be told')
const RESUME = to('catalyst watchdog resume', 'let the watchdog act again')
const LAST_GOOD = to('catalyst deploy rollback --last-good', 'go back to the last good version')

/**
 * Returns what to type next; undefined where nothing is wrong, or is being seen to by a deployment. `askAsOwner` is the
 * line with which the owner of the home would ask, where this user is not permitted to see all.
 */
export function nextCommand(situation: Situation, askAsOwner?: string): NextCommand | undefined {
  const { health, missing, settings_faults, release } = situation
  if (askAsOwner !== undefined && missing.some(({ not_permitted }) => not_permitted))
    return to(askAsOwner, 'ask as the owner of the home')
  if (settings_faults.length > 0) return CHECK_SETTINGS
  if (release?.unfinished) return release.unfinished.goes_on ? undefined : RECOVER
  switch (health.status) {
    case 'unreachable':
      return situation.process === null ? whenDown(situation) : whenFrozen(situation)
    case 'unhealthy':
      return whenFrozen(situation)
    case 'degraded':
      return incidentToSee(situation) ?? to('catalyst logs --level warning --since 1h', 'see what went wrong')
    case 'starting':
      return situation.waits === null ? WAIT : ERRORS
    case 'stopping':
      return undefined
    case 'unknown':
      return situation.process === null && !missing.some(({ part }) => part === 'process')
        ? whenDown(situation)
        : whenItWorks(situation)
    case 'healthy':
      return whenItWorks(situation)
  }
}

/** Returns what to do about a bot that does not run. */
function whenDown(situation: Situation): NextCommand | undefined {
  const { stopped_by, release, last_exit, watchdog } = situation
  const service = serviceOf(situation, 'bot')
  if (stopped_by !== null) return service === undefined ? START_BY_HAND : START
  if (release?.runtime_fault) return REPAIR
  if (last_exit?.exit === EXIT.settings) return CHECK_SETTINGS
  const incident = incidentToSee(situation)
  if (incident) return incident
  if (service !== undefined) return whenServiceIsDown(service, last_exit)
  if (last_exit !== null && isUnexpected(last_exit) && last_exit.kind !== 'killed') return ERRORS
  return watchdog?.running ? NEWEST : START_BY_HAND
}

function whenServiceIsDown({ state }: ServiceFacts, exit: Situation['last_exit']): NextCommand {
  switch (state) {
    case 'not installed':
      return INSTALL
    case 'failed':
      return SERVICE_STATUS
    case 'stopped':
      return START
    default:
      return exit !== null && isUnexpected(exit) ? ERRORS : NEWEST
  }
}

/** Returns what to do about a bot whose process runs, and which does not work. */
function whenFrozen(situation: Situation): NextCommand {
  const incident = incidentToSee(situation)
  if (incident) return incident
  if (situation.paused !== null) return RESUME
  if (situation.watchdog?.running) return NEWEST // which restarts it
  return serviceOf(situation, 'bot') === undefined ? NEWEST : RESTART
}

/** Returns what to do about what surrounds a bot that works. */
function whenItWorks(situation: Situation): NextCommand | undefined {
  const { release, services, watchdog, missing, failing_alerts } = situation
  const incident = incidentToSee(situation)
  if (incident) return incident
  if (release?.runtime_fault) return REPAIR
  if (watchdog?.enabled && !watchdog.running) return startWatchdog(situation)
  if (watchdog?.late) return NEWEST
  if (failing_alerts?.some(({ state }) => state === 'waiting')) return ALERTS
  if (release?.active?.rating === 'bad' && release.last_good) return LAST_GOOD
  const isServiceOdd = services?.some(({ warnings, state }) => warnings.length > 0 || state === 'failed')
  if (isServiceOdd || missing.some(({ part }) => part === 'services')) return SERVICE_STATUS
  return missing.length > 0 ? DOCTOR : undefined
}

function startWatchdog(situation: Situation): NextCommand {
  const purpose = 'start the watchdog'
  if (situation.watchdog?.shared) return to('catalyst watchdog status --all', 'see why it is not watched')
  if (serviceOf(situation, 'watchdog')) return to('catalyst service start watchdog', purpose)
  return serviceOf(situation, 'bot')
    ? to('catalyst service install watchdog', 'install the watchdog')
    : to('catalyst watchdog run', `${purpose}, in this terminal`)
}

/** Returns how to see the incident about which the watchdog does no more; undefined where there is none. */
function incidentToSee({ watchdog }: Situation): NextCommand | undefined {
  const incident = watchdog?.incident
  if (!incident || incident.attention === null) return undefined
  return to('catalyst incident show', 'see what happened, and where it was stuck')
}

function serviceOf({ services }: Situation, role: ServiceFacts['role']): ServiceFacts | undefined {
  return services?.find((one) => one.role === role)
}

function to(command: string, purpose: string): NextCommand {
  return { command, purpose }
}
