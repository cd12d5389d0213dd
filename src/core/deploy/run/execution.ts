import type { DeployHome } from '#core/deploy/deploy-home.js'
import type { Deployment } from '#core/deploy/deployment-file.js'
import { GateFailed } from '#core/deploy/gate/gate.js'
import { versionName } from '#core/deploy/names.js'
import { planRestart, planUndo, type Step } from '#core/deploy/plan.js'
import { prune } from '#core/deploy/releases/prune.js'
import { lastGoodOf } from '#core/deploy/releases/ratings.js'
import { readRatings } from '#core/deploy/releases/ratings-file.js'
import { type Release, Releases } from '#core/deploy/releases/releases.js'
import { isRunnable } from '#core/deploy/repair/release-runtime.js'
import { afterDamaged } from '#core/deploy/snapshots/damaged-data.js'
import { CatalystError, type ErrorCode, EXIT, isNoRoom, messageOf, pathOf, waysToRoom } from '#core/errors.js'
import { pointerTo } from '#core/home/active-release.js'
import { inSeconds } from '#core/text.js'
import { conclude } from './conclude.js'
import { waitForCurrentState } from './current-state.js'
import { keptOfUndone, lacksItsData, snapshotId } from './order-data.js'
import { noteLeft, rateFailed, rateShipped } from './rate-deployment.js'
import {
  currentStateText,
  type DeployResult,
  isCancelled,
  type NotShipped,
  nextAfter,
  notShippedOutcome,
  type ResultFacts,
  saidOf,
  shippedOutcome,
  stepsToRun,
  type UndoFacts,
  undoneText,
} from './result.js'
import { type Hooks, Steps } from './steps.js'
import { isStopped, refuseStopped, staysStopped } from './stopped.js'

/** The errors of a backup that another try would not find either. */
const GONE: readonly ErrorCode[] = ['BACKUP_UNKNOWN', 'BACKUP_DAMAGED']

const NOT_REMOVED = 'Old releases could not be removed'
const START_WATCHDOG = 'Nothing supervises the bot any more. Start the watchdog: catalyst watchdog run'

/** A plan while it is carried out, or rolled back. */
export class Execution {
  readonly #home: DeployHome
  readonly #hooks: Hooks
  readonly #steps: Steps
  readonly #began: number
  #failure: unknown

  constructor(home: DeployHome, hooks: Hooks, deployment: Deployment) {
    this.#home = home
    this.#hooks = hooks
    this.#steps = new Steps(home, hooks, deployment)
    this.#began = home.clock.monotonic()
  }

  /** The error that kept it from going live. */
  get failure(): unknown {
    return this.#failure
  }

  get #deployment(): Deployment {
    return this.#steps.deployment
  }

  /** Carries out the plan from its first step on. */
  async run(steps: readonly Step[]): Promise<DeployResult> {
    const { id, what, target, from } = this.#deployment
    const { name: release, commit, tag } = target
    const begin = { id, what, release, commit, tag, from: from?.name ?? null, steps: steps.map((step) => step.do) }
    this.#home.journal.append('deploy.begin', begin)
    return this.forward(steps)
  }

  /** Carries out these last steps of the plan; rolls back where one fails. */
  async forward(steps: readonly Step[]): Promise<DeployResult> {
    const first = this.#deployment.steps.length - steps.length
    let known: Partial<Deployment> = {} // written together with the next step: each write costs a sync
    try {
      for (const [at, step] of steps.entries()) {
        const index = first + at
        if (step.do === 'prune') {
          await this.#afterProof(step, index, known)
          continue
        }
        known = await this.#steps.do(step, () => {
          this.#throwIfCancelled()
          this.#steps.note({ ...known, begun: index + 1 })
        })
      }
      return await this.#succeed()
    } catch (error) {
      return await this.#rollBack(error)
    } finally {
      this.#steps.close()
    }
  }

  /**
   * Does a step after the proof, which is neither cancelled nor rolled back. Rates the version first: pruning depends
   * on the ratings.
   */
  async #afterProof(step: Step, index: number, known: Partial<Deployment>): Promise<void> {
    this.#steps.bestEffort(() => this.#steps.note({ ...known, begun: index + 1 }))
    await rateShipped(this.#home, this.#deployment, this.#hooks.onWarning)
    await this.#steps.do(step).catch((error) => this.#hooks.onWarning(`${NOT_REMOVED}: ${messageOf(error)}`))
  }

  /** Throws if the deployment was cancelled. It is called between two steps, where nothing is half done. */
  #throwIfCancelled(): void {
    if (this.#deployment.supervisor !== 'none') refuseStopped(this.#home, this.#deployment)
    if (!this.#hooks.signal.aborted) return
    throw new CatalystError('It was cancelled.', { code: 'DEPLOY_CANCELLED', exit: EXIT.failed })
  }

  /** Rolls back from wherever it has come to. */
  async rollBack(error: unknown): Promise<NotShipped> {
    try {
      return await this.#rollBack(error)
    } finally {
      this.#steps.close()
    }
  }

  async #rollBack(error: unknown): Promise<NotShipped> {
    this.#failure = error
    const reason = messageOf(error)
    this.#steps.bestEffort(() => this.#steps.note({ back: reason }))
    const isSupervised = this.#deployment.supervisor !== 'none' && !(await staysStopped(this.#home, this.#deployment))
    const supervisor = isSupervised ? this.#deployment.supervisor : 'none'
    const steps = planUndo(this.#deployment, { ...this.#deployment, supervisor })
    const isGated = steps.some((step) => step.do === 'gate')
    const failure = await this.#undo(steps)
    if (failure === undefined) {
      this.#rateFailed(error, true)
      return this.#end({ isProven: isGated, undoFailure: undefined })
    }
    if (!(failure instanceof GateFailed)) return this.#undoFailed(failure)
    const isProven = await this.#restart()
    this.#rateFailed(error, isProven)
    if (isProven) noteLeft(this.#home, this.#deployment, this.#hooks.onWarning)
    return this.#end({ isProven, undoFailure: failure })
  }

  /**
   * Undoes the steps, and returns the error of that. A failed version does not stay live for settings that can't be
   * restored.
   */
  async #undo(steps: readonly Step[]): Promise<unknown> {
    const lost = await this.#steps.undo(steps.filter((step) => step.do === 'settings'))
    const broken = await this.#steps.undo(steps.filter((step) => step.do !== 'settings'))
    const failure = isCancelled(broken) ? undefined : broken // somebody has stopped the bot: nothing can be proven
    const isGone = lost instanceof CatalystError && GONE.includes(lost.code)
    if (isGone) this.#hooks.onWarning(`The previous settings can't be restored: ${lost.message}`)
    return failure ?? (isGone ? undefined : lost)
  }

  /**
   * Starts the last good release, leaves it running in any case, and returns whether it works: a restart never leaves
   * the bot stopped.
   */
  async #restart(): Promise<boolean> {
    const release = await this.#lastGood()
    if (release === undefined) return false
    const supervisor = this.#isStopped ? 'none' : this.#home.supervisor.kind
    const failure = await this.#steps.undo(planRestart(pointerTo(release), supervisor))
    return failure === undefined && supervisor !== 'none'
  }

  async #lastGood(): Promise<Release | undefined> {
    const { target, from } = this.#deployment
    const all = new Releases(this.#home).list()
    const runnable = await Promise.all(all.map((release) => isRunnable(this.#home, release)))
    const onDisk = all.filter((_, index) => runnable[index])
    const good = lastGoodOf(readRatings(this.#home), from?.commit, onDisk, target.commit)
    return onDisk.find(({ commit }) => commit === good?.commit)
  }

  #rateFailed(error: unknown, othersWork: boolean): void {
    if (!(error instanceof GateFailed)) return
    if (this.#deployment.what === 'repair') return // the version is the same: what failed is today's runtime
    rateFailed(this.#home, this.#deployment, error, othersWork, this.#hooks.onWarning)
  }

  async #succeed(): Promise<DeployResult> {
    const { target, from, steps } = this.#deployment
    const isProven = steps.some((step) => step.do === 'gate')
    const { name: release, commit, tag } = target
    const facts = await this.#facts(isProven)
    const outcome = shippedOutcome(release, isProven, facts)
    if (typeof outcome === 'object') return this.#shippedOther(outcome.fault, facts)
    const next = [
      ...stepsToRun(facts),
      ...(this.#hasLostWatchdog(facts) ? [START_WATCHDOG] : []),
      ...this.#damageAdvice(),
    ]
    const how = { ...this.#figures(), ...facts.current, outcome, next }
    return this.#concluded({ ...how, release, commit, tag, previous: from?.name ?? null })
  }

  /** Returns whether the watchdog that supervised the bot is gone. */
  #hasLostWatchdog({ supervisor }: ResultFacts): boolean {
    return supervisor === 'none' && this.#deployment.supervisor === 'watchdog'
  }

  /** Concludes a plan that was carried out, though something else is active or runs. */
  #shippedOther(reason: string, facts: ResultFacts): Promise<NotShipped> {
    const outcome = 'needs_attention'
    const summary = currentStateText(facts.current, facts.isStopped)
    const next = nextAfter(outcome, facts, undefined)
    const said: string[] = []
    return this.#returned(facts, { outcome, reason, said, summary, isOver: true, next })
  }

  async #end({ isProven, undoFailure }: Pick<UndoFacts, 'isProven' | 'undoFailure'>): Promise<NotShipped> {
    const isExpected = isProven || this.#deployment.instance !== null
    const facts = await this.#facts(isExpected && (isProven || undoFailure === undefined))
    const all = { ...facts, isProven, undoFailure, isExpected }
    const outcome = notShippedOutcome(this.#failure, all)
    const summary = [undoneText(this.#deployment, all), ...this.#dataText()].join('\n')
    const reason = messageOf(this.#failure)
    const said = saidOf(this.#failure)
    const next = [...this.#dataAdvice(), ...this.#damageAdvice(), ...nextAfter(outcome, facts, this.#failure)]
    const result = await this.#returned(facts, { outcome, reason, said, summary, isOver: true, next })
    if (outcome !== 'needs_attention') this.#removeOld()
    return result
  }

  /** Returns what to type where the version may have failed on the data of a later one. */
  #dataAdvice(): string[] {
    const { target } = this.#deployment
    if (!(this.#failure instanceof GateFailed) || !lacksItsData(this.#home, this.#deployment)) return []
    return [`If it can't work with today's data: catalyst deploy rollback ${versionName(target)} --with-data`]
  }

  /** Returns what to type where a database was damaged already when it was copied. */
  #damageAdvice(): string[] {
    return afterDamaged(this.#home, snapshotId(this.#deployment))
  }

  /** Says that the data of before is back, where the version that failed had changed it. */
  #dataText(): string[] {
    const kept = keptOfUndone(this.#home, this.#deployment)
    if (kept === undefined) return []
    const { target } = this.#deployment
    return [
      `The data of before is back, too. What ${target.name} has written is kept: catalyst deploy restore-data ${kept.id}`,
    ]
  }

  /**
   * Removes old releases: versions that fail must not fill the disk either. The one that failed just now stays to be
   * looked at.
   */
  #removeOld(): void {
    const { name: failed } = this.#deployment.target
    try {
      prune(this.#home, { failed })
    } catch (error) {
      this.#hooks.onWarning(`${NOT_REMOVED}: ${messageOf(error)}`)
    }
  }

  /** Concludes a deployment whose rollback failed, too, as on a full disk. Its file stays, for another try. */
  async #undoFailed(failure: unknown): Promise<NotShipped> {
    const facts = await this.#facts(false)
    const rest = currentStateText(facts.current, facts.isStopped)
    const summary = `Rolling back failed, too: ${messageOf(failure)}\n${rest}`
    const reason = messageOf(this.#failure)
    const said = saidOf(this.#failure)
    const room = isNoRoom(failure) ? waysToRoom(pathOf(failure) ?? this.#home.paths.home) : []
    const ways = failure instanceof CatalystError ? failure.suggestions : room
    const next = [...ways, 'Once that is repaired: catalyst deploy recover']
    const outcome = 'needs_attention'
    return this.#returned(facts, { outcome, reason, said, summary, isOver: false, next })
  }

  get #isStopped(): boolean {
    return isStopped(this.#home, this.#deployment)
  }

  /** Returns what is active now, what the bot reports, and its supervisor. Waits a little for a bot that is to run. */
  async #facts(isAwaited: boolean): Promise<ResultFacts> {
    const isOver = () => !isAwaited || this.#deployment.supervisor === 'none' || this.#isStopped
    const current = await waitForCurrentState(this.#home, isOver)
    const { supervisor } = this.#home
    const found = await supervisor.find?.().catch(() => undefined)
    return { current, isStopped: this.#isStopped, supervisor: found ?? supervisor.kind }
  }

  /** Concludes a deployment that did not go live, with what is active and what runs. */
  #returned(
    { current }: ResultFacts,
    how: Pick<NotShipped, 'outcome' | 'reason' | 'said' | 'summary' | 'isOver' | 'next'>,
  ): Promise<NotShipped> {
    return this.#concluded({ ...this.#figures(), ...current, ...how })
  }

  async #concluded<T extends DeployResult>(result: T): Promise<T> {
    await conclude(this.#home, this.#deployment, result, this.#hooks.onWarning)
    return result
  }

  #figures(): Pick<DeployResult, 'id' | 'downtime_seconds' | 'proven_seconds' | 'waited_seconds' | 'seconds'> {
    const seconds = inSeconds(this.#home.clock.monotonic() - this.#began)
    const { downtime_seconds = null, proven_seconds = null } = this.#steps.cost ?? {}
    const { waitedMs } = this.#steps
    const waited_seconds = waitedMs === undefined ? null : inSeconds(waitedMs)
    return { id: this.#deployment.id, downtime_seconds, proven_seconds, waited_seconds, seconds }
  }
}
