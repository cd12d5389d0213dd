import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { GateFailed } from './gate.js'
import { undertaking, versionName } from './names.js'
import type { Plan, Progress } from './plan.js'

/** It went live. `switched`: nobody keeps the bot, so nothing is proven. */
export interface Shipped {
  readonly id: string
  readonly outcome: 'good' | 'switched'
  readonly release: string
  readonly commit: string
  readonly tag: string | null
  readonly previous: string | null
  /** From the restart to the first healthy answer; null where there was none. */
  readonly downtime_ms: number | null
  readonly seconds: number
}

/** What `--json` says where nothing had to be done. */
export interface AlreadyActive {
  readonly outcome: 'active already'
  readonly release: string
}

/** It did not go live. `needs you`: what runs now is not healthy, or the way back failed, too. */
export interface Returned {
  readonly id: string
  readonly outcome: 'back' | 'cancelled' | 'needs you'
  /** The release that is active now; null: the home itself. */
  readonly active: string | null
  /** Why it did not go live. */
  readonly reason: string
  /** How things stand now, for people. */
  readonly standing: string
  /** False where the way back failed, too: a recovery has to finish it. */
  readonly isOver: boolean
  readonly seconds: number
  readonly downtime_ms: number | null
}

export type Ending = Shipped | Returned

export function isShipped(ending: Ending): ending is Shipped {
  return ending.outcome === 'good' || ending.outcome === 'switched'
}

/** How things stand after the way back. `worse` is why the release before did not come up again. */
export function standingOf(
  { steps, begun }: Pick<Plan & Progress, 'steps' | 'begun'>,
  facts: { active: string | null; isHealthy: boolean; worse: unknown },
): string {
  const { active, isHealthy, worse } = facts
  const place = active ?? 'the home itself'
  const isTouched = steps.slice(0, begun).some((step) => step.do === 'switch')
  if (worse !== undefined) {
    const before = `The release before did not come up either (${messageOf(worse)})`
    return isHealthy ? `${before}, but ${place} is back, and healthy.` : `${before}. ${place} was left running.`
  }
  if (!isTouched) return `Nothing that runs was touched: ${place} is active as before.`
  return `${place} is back${isHealthy ? ', and healthy' : ''}.`
}

const TITLES = { good: 'done', switched: 'done', back: 'failed', cancelled: 'broken off', 'needs you': 'needs you' }

/** What the admin is told of it. */
export function tidings(ending: Ending, plan: Plan): { title: string; description: string; isGood: boolean } {
  const title = `${undertaking(plan)}: ${TITLES[ending.outcome]}`
  if (!isShipped(ending)) return { title, description: `${ending.reason}\n${ending.standing}`, isGood: false }
  const how = ending.outcome === 'good' ? 'is live, and healthy' : 'is active, and unproven: nobody keeps the bot'
  const before = ending.previous ?? 'the home itself'
  return { title, description: `${versionName(plan.target)} ${how}. Before: ${before}.`, isGood: true }
}

export function isCancelled(error: unknown): boolean {
  return error instanceof CatalystError && error.code === 'DEPLOY_CANCELLED'
}

/** What whoever wanted it to go live is told. */
export function errorOf(returned: Returned, plan: Plan, cause: unknown): CatalystError {
  const { outcome, reason, standing, isOver } = returned
  const head =
    outcome === 'cancelled'
      ? `The ${undertaking(plan)} was broken off.${/broken off/.test(reason) ? '' : ` ${reason}`}`
      : `${versionName(plan.target)} did not go live: ${reason}`
  return new CatalystError(`${head}\n${standing}`, {
    code: outcome === 'cancelled' ? 'DEPLOY_CANCELLED' : 'DEPLOY_FAILED',
    exit: EXIT.failed,
    suggestions: isOver ? suggestionsOf(outcome, cause) : ['Once that is mended: catalyst deploy recover'],
    cause,
  })
}

function suggestionsOf(outcome: Returned['outcome'], cause: unknown): string[] {
  if (outcome === 'needs you')
    return [
      'See what it says: catalyst logs --level warning',
      'Choose a version that has worked: catalyst deploy rollback',
    ]
  if (cause instanceof CatalystError && cause.suggestions.length > 0) return cause.suggestions
  if (cause instanceof GateFailed) return ['See what it said: catalyst logs --level warning']
  return ['See what was done: catalyst history --kind deploy.step --since 1h']
}
