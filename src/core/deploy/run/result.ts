import { GateFailed } from '#core/deploy/gate/gate.js'
import { operationName, versionName } from '#core/deploy/names.js'
import type { Plan, Progress, RecordedPlan } from '#core/deploy/plan.js'
import { CatalystError, EXIT, isNoRoom, messageOf, pathOf, waysToRoom } from '#core/errors.js'
import type { SupervisorKind } from '#core/supervisor/supervisor.js'
import { type CurrentState, isMismatched } from './current-state.js'

/**
 * The result of a deployment that went live. `unverified`: it is active, and no bot has proven itself as it, since the
 * bot has no supervisor, or somebody has stopped it since.
 */
export interface Shipped extends CurrentState {
  readonly id: string
  readonly outcome: 'deployed' | 'unverified'
  readonly release: string
  readonly commit: string
  readonly tag: string | null
  readonly previous: string | null
  /** The time from the restart until the bot ran and answered again; null where there was none. */
  readonly downtime_seconds: number | null
  /** The time from the restart until the bot had proven that it works; null where it has not. */
  readonly proven_seconds: number | null
  /** The time for which a busy bot was waited for; null where it was not. */
  readonly waited_seconds: number | null
  readonly seconds: number
  /** The commands to type next, where something is left to do. */
  readonly next: readonly string[]
}

/** The output of `--json` where nothing had to be done. */
export interface AlreadyActive {
  readonly outcome: 'already_active'
  readonly release: string
}

/**
 * The result of a deployment that did not go live. `needs_attention`: what runs now is not healthy or is not the active
 * release, or rolling back failed, too.
 */
export interface NotShipped extends CurrentState {
  readonly id: string
  readonly outcome: 'rolled_back' | 'cancelled' | 'needs_attention'
  /** The reason for which it did not go live. */
  readonly reason: string
  /** The version's own error output, in lines. */
  readonly said: readonly string[]
  /** The current state, for people. */
  readonly summary: string
  /** False if rolling back failed, too: a recovery has to finish it. */
  readonly isOver: boolean
  readonly seconds: number
  readonly downtime_seconds: number | null
  readonly proven_seconds: number | null
  readonly waited_seconds: number | null
  /** The commands to type next. */
  readonly next: readonly string[]
}

/** The result of a deployment or a rollback. */
export type DeployResult = Shipped | NotShipped

/** Returns whether the version went live. */
export function isShipped(result: DeployResult): result is Shipped {
  return result.outcome === 'deployed' || result.outcome === 'unverified'
}

/** The facts that decide the result of a deployment. */
export interface ResultFacts {
  readonly current: CurrentState
  /** True if somebody has stopped the bot since it began. */
  readonly isStopped: boolean
  /** The bot's current supervisor. */
  readonly supervisor: SupervisorKind
}

/**
 * Returns the outcome of a deployment whose plan was carried out: `deployed` only if the bot itself reports that
 * version. Returns the fault where something else is active or runs.
 */
export function shippedOutcome(
  target: string,
  isProven: boolean,
  { current, isStopped }: ResultFacts,
): Shipped['outcome'] | { readonly fault: string } {
  const { active, bot } = current
  if (active !== target) return { fault: `${releaseText(active)} has become active meanwhile` }
  if (!isProven) return 'unverified'
  if (bot === null)
    return isStopped ? 'unverified' : { fault: 'it had proven itself, but the bot does not run any more' }
  return bot.release === target
    ? 'deployed'
    : { fault: `it had proven itself, but the bot runs as ${releaseText(bot.release)}` }
}

/** The facts that decide the result after rolling back. */
export interface UndoFacts extends ResultFacts {
  /** True if the bot has proven itself again. */
  readonly isProven: boolean
  /** The error for which the release before did not come up again; undefined: it did. */
  readonly undoFailure: unknown
  /** True if a bot ran when it began, or was started since: then one has to run. */
  readonly isExpected: boolean
}

/** Returns the outcome of a deployment that did not go live. */
export function notShippedOutcome(failure: unknown, facts: UndoFacts): NotShipped['outcome'] {
  const { current, isStopped, undoFailure, isExpected } = facts
  const isMissing = current.bot === null && isExpected && !isStopped
  if (isMismatched(current) || isMissing || (undoFailure !== undefined && !isWell(facts))) return 'needs_attention'
  return isCancelled(failure) ? 'cancelled' : 'rolled_back'
}

function isWell({ current, isProven, isStopped }: UndoFacts): boolean {
  return isProven && !isStopped && current.bot !== null && !isMismatched(current)
}

/** Describes the current state after rolling back. */
export function undoneText(
  { steps, begun }: Pick<RecordedPlan & Progress, 'steps' | 'begun'>,
  facts: UndoFacts,
): string {
  const { current, isStopped, undoFailure } = facts
  const place = releaseText(current.active)
  const isTouched = steps.slice(0, begun).some((step) => step.do === 'switch')
  const before =
    undoFailure === undefined ? '' : `The release before did not come up either (${messageOf(undoFailure)})`
  if (isWell(facts))
    return before === '' ? `${place} is back, and healthy.` : `${before}, but ${place} is back, and healthy.`
  const others = othersText(current, isStopped)
  if (before !== '')
    return others === '' ? `${before}. ${place} was left running.` : `${before}. ${place} is active. ${others}`
  const head = isTouched ? `${place} is back.` : `Nothing that runs was touched: ${place} is active as before.`
  return [head, others].filter(Boolean).join(' ')
}

/** Describes what runs instead of the active release; empty where that runs. */
function othersText(current: CurrentState, isStopped: boolean): string {
  const { active, bot } = current
  if (bot === null) return isStopped ? 'No bot runs: it was stopped on purpose.' : 'No bot runs.'
  if (!isMismatched(current)) return ''
  return `But ${releaseText(bot.release)} still runs (pid ${bot.pid}): ${releaseText(active)} runs after a restart.`
}

/** Describes what is active, and what the bot reports. */
export function currentStateText(current: CurrentState, isStopped: boolean): string {
  const place = releaseText(current.active)
  const { bot } = current
  if (bot !== null && !isMismatched(current)) return `${place} is active, and the bot runs as it (pid ${bot.pid}).`
  return `${place} is active. ${othersText(current, isStopped)}`
}

/** Returns the commands to type so that the active release runs. */
export function stepsToRun({ current, isStopped, supervisor }: ResultFacts, platform = process.platform): string[] {
  const { active, bot } = current
  const isService = supervisor === 'service'
  if (bot === null) {
    if (isService)
      return [isStopped ? 'Once it is to run again: catalyst service start' : 'Start it: catalyst service start']
    return supervisor === 'watchdog' ? [] : ['Start the bot: catalyst bot start']
  }
  if (!isMismatched(current)) return []
  if (isService) return ['Restart the bot: catalyst service restart']
  const kill = platform === 'win32' ? `taskkill /F /T /PID ${bot.pid}` : `kill ${bot.pid}`
  if (supervisor === 'watchdog') return [`Stop the bot, and the watchdog starts it as ${releaseText(active)}: ${kill}`]
  return [`Stop the bot: ${kill}`, `Then start it as ${releaseText(active)}: catalyst bot start`]
}

const TITLES = {
  deployed: 'done',
  unverified: 'done',
  rolled_back: 'failed',
  cancelled: 'cancelled',
  needs_attention: 'needs attention',
}

/** Returns the alert about a result. */
export function alertOf(
  result: DeployResult,
  plan: RecordedPlan,
): { title: string; description: string; isGood: boolean } {
  const title = `${operationName(plan)}: ${TITLES[result.outcome]}`
  const lines = isShipped(result)
    ? [`${shippedSentence(result)} Before: ${releaseText(result.previous)}.`]
    : [result.reason, ...result.said, result.summary]
  return { title, description: [...lines, ...result.next].join('\n'), isGood: isShipped(result) }
}

/** Describes what went live, and what the bot reports. */
export function shippedSentence({ outcome, release, active, bot }: Shipped): string {
  if (outcome === 'deployed') return `${release} is live, and healthy.`
  return `${release} is active, but has not proven itself. ${othersText({ active, bot }, false) || 'The bot runs as it.'}`
}

/** Returns whether an error is that of a cancelled deployment. */
export function isCancelled(error: unknown): boolean {
  return error instanceof CatalystError && error.code === 'DEPLOY_CANCELLED'
}

/** Returns the error of a deployment that did not go live. */
export function errorOf(result: NotShipped, plan: Plan, cause: unknown): CatalystError {
  const { outcome, reason, said, summary, active, bot, next } = result
  const head =
    outcome === 'cancelled'
      ? `The ${operationName(plan)} was cancelled.${/cancelled/.test(reason) ? '' : ` ${reason}`}`
      : `${versionName(plan.target)} did not go live: ${reason}`
  return new CatalystError([head, ...said, summary].join('\n'), {
    code: outcome === 'cancelled' ? 'DEPLOY_CANCELLED' : 'DEPLOY_FAILED',
    exit: EXIT.failed,
    suggestions: [...next],
    details: { outcome, active, bot },
    cause,
  })
}

/** Returns the error output of a version that has failed. */
export function saidOf(failure: unknown): readonly string[] {
  return failure instanceof GateFailed ? failure.said : []
}

/**
 * Returns the commands to type after a deployment that did not go live. `cause` is the error that kept it from that.
 */
export function nextAfter(outcome: NotShipped['outcome'], facts: ResultFacts, cause: unknown): string[] {
  const repair = stepsToRun(facts)
  if (outcome === 'needs_attention')
    return [
      ...repair,
      'See its log: catalyst logs --level warning',
      'Choose a version that has worked: catalyst deploy rollback',
    ]
  if (cause instanceof CatalystError && cause.suggestions.length > 0) return cause.suggestions
  if (isNoRoom(cause)) return waysToRoom(pathOf(cause) ?? '.')
  if (cause instanceof GateFailed && cause.isUnproven)
    return [
      'Let it prove that it works: see docs/proof.md',
      'Or, if it is not meant to: catalyst deploy run TAG --accept-no-proof',
    ]
  if (cause instanceof GateFailed) return ['See its log: catalyst logs --level warning']
  return ['See the steps that were done: catalyst history --kind deploy.step --since 1h']
}

/** Returns the name of a release for people. */
export function releaseText(release: string | null): string {
  return release ?? 'the working tree'
}
