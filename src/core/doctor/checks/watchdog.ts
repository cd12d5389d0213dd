import { watchdogOf } from '#core/condition/gather.js'
import { checkOf } from '#core/doctor/check.js'
import { fault, type Judged, ok, warning } from '#core/doctor/finding.js'
import type { Role } from '#core/service/manager.js'
import type { WatchdogStatus } from '#core/watchdog/status.js'

/** The facts about the watchdog. */
export interface WatchdogFacts
  extends Pick<WatchdogStatus, 'running' | 'enabled' | 'pid' | 'shared' | 'late' | 'restarts_left' | 'last_check'> {
  readonly attention: string | undefined
  /** The services that are installed. */
  readonly roles: readonly Role[]
}

/** Judges whether the watchdog is there and awake. */
export function judgeWatchdog(facts: WatchdogFacts): Judged[] {
  const { running, enabled, pid, shared, late, last_check, restarts_left, attention } = facts
  const found: Judged[] = []
  if (!enabled && !running)
    found.push(
      warning('it is switched off, so nobody restarts a frozen bot: set WATCHDOG_ENABLED=1 in .env', startLine(facts)),
    )
  else if (!running) found.push(fault('it is switched on, and does not run', startLine(facts)))
  else if (late)
    found.push(
      fault(`it runs (pid ${pid}), and has not checked the bot since ${last_check}`, 'catalyst watchdog status'),
    )
  if (attention !== undefined)
    found.push(warning(`the incident ${attention} needs attention`, `catalyst incident show ${attention}`))
  return found.length > 0
    ? found
    : [ok(`runs (pid ${pid})${shared ? ', for all homes,' : ''} and is awake, ${restarts_left} restarts left`)]
}

function startLine({ roles, shared }: WatchdogFacts): string {
  if (shared) return 'catalyst watchdog status --all'
  if (roles.includes('watchdog')) return 'catalyst service start watchdog'
  return roles.includes('bot') ? 'catalyst service install watchdog' : 'catalyst watchdog run'
}

export const watchdogCheck = checkOf({
  id: 'watchdog',
  read: async ({ home, roles }): Promise<WatchdogFacts> => {
    const { incident, ...status } = await watchdogOf(home, home.clock.now())
    return { ...status, attention: incident?.attention ? incident.name : undefined, roles: roles() }
  },
  judge: judgeWatchdog,
})
