import { CatalystError, type ErrorCode, EXIT, messageOf } from '#core/errors.js'
import { pointerTo, readPointer } from '#core/state/active-release.js'
import { conclude } from './conclude.js'
import type { DeployHome } from './deploy-home.js'
import type { Deployment } from './deployment-file.js'
import { type Ending, isCancelled, type Returned, type Shipped, standingOf } from './ending.js'
import { GateFailed } from './gate.js'
import { planBack, planRescue, type Step } from './plan.js'
import { type Release, Releases } from './releases.js'
import { type Hooks, Steps } from './steps.js'
import { isStopped, refuseStopped, staysStopped } from './stopped.js'
import { goodReleases, readVerdicts, type Verdict } from './verdicts.js'

/** No other try would find such a backup again. */
const GONE: readonly ErrorCode[] = ['BACKUP_UNKNOWN', 'BACKUP_DAMAGED']

/** A plan while it is carried out: forward to its end, or back. */
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

  /** What kept it from going live. */
  get failure(): unknown {
    return this.#failure
  }

  get #deployment(): Deployment {
    return this.#steps.deployment
  }

  /** From the first step on. */
  async run(): Promise<Ending> {
    const { id, what, target, from, steps } = this.#deployment
    const { name: release, commit, tag } = target
    const begin = { id, what, release, commit, tag, from: from?.name ?? null, steps: steps.map((step) => step.do) }
    this.#home.journal.append('deploy.begin', begin)
    return this.forward(0)
  }

  /** From this step on to the end; where that fails, back. */
  async forward(first: number): Promise<Ending> {
    let known: Partial<Deployment> = {} // goes along with the next step: it costs a sync
    try {
      for (const [index, step] of this.#deployment.steps.entries()) {
        if (index < first) continue
        if (step.do === 'prune') {
          await this.#afterProof(step, index)
          continue
        }
        this.#throwIfCancelled()
        this.#steps.note({ ...known, begun: index + 1 })
        known = await this.#steps.do(step)
      }
      return await this.#succeed()
    } catch (error) {
      return await this.#back(error)
    } finally {
      this.#steps.close()
    }
  }

  /** It has proven itself, and nothing breaks it off or takes it back any more. */
  async #afterProof(step: Step, index: number): Promise<void> {
    this.#steps.tolerantly(() => this.#steps.note({ begun: index + 1 }))
    await this.#steps
      .do(step)
      .catch((error) => this.#hooks.onWarning(`Old releases could not be removed: ${messageOf(error)}`))
  }

  /** Asked between two steps, where nothing is half done. */
  #throwIfCancelled(): void {
    if (this.#deployment.keeper !== 'nobody') refuseStopped(this.#home, this.#deployment)
    if (!this.#hooks.signal.aborted) return
    throw new CatalystError('It was broken off.', { code: 'DEPLOY_CANCELLED', exit: EXIT.failed })
  }

  /** The way back from wherever it has come to. */
  async back(error: unknown): Promise<Returned> {
    try {
      return await this.#back(error)
    } finally {
      this.#steps.close()
    }
  }

  async #back(error: unknown): Promise<Returned> {
    this.#failure = error
    const reason = messageOf(error)
    this.#steps.tolerantly(() => this.#steps.note({ back: reason }))
    const isKept = this.#deployment.keeper !== 'nobody' && !(await staysStopped(this.#home, this.#deployment))
    const keeper = isKept ? this.#deployment.keeper : 'nobody'
    const steps = planBack(this.#deployment, { ...this.#deployment, keeper })
    const isGated = steps.some((step) => step.do === 'gate')
    const active = this.#deployment.from?.name ?? null
    const failure = await this.#goBack(steps)
    if (failure === undefined) {
      if (error instanceof GateFailed) this.#judge('bad', reason)
      return this.#end({ active, isHealthy: isGated && !isStopped(this.#home, this.#deployment), worse: undefined })
    }
    if (!(failure instanceof GateFailed)) return this.#stuck(failure)
    const rescued = await this.#rescue()
    // where nothing comes up, it may be the world that has changed, and not the commit that is to blame
    if (error instanceof GateFailed) this.#judge(rescued.isHealthy ? 'bad' : 'unknown', reason)
    return this.#end({ ...rescued, worse: failure })
  }

  /** Settings that can't be had back are no reason to leave a failed version live. */
  async #goBack(steps: readonly Step[]): Promise<unknown> {
    const lost = await this.#steps.undo(steps.filter((step) => step.do === 'settings'))
    const broken = await this.#steps.undo(steps.filter((step) => step.do !== 'settings'))
    const failure = isCancelled(broken) ? undefined : broken // somebody has stopped the bot: there is nothing to prove
    const isGone = lost instanceof CatalystError && GONE.includes(lost.code)
    if (isGone) this.#hooks.onWarning(`The settings of before can't be had back: ${lost.message}`)
    return failure ?? (isGone ? undefined : lost)
  }

  /** The last good one is tried, and left running in any case: a rescue never ends in 'stopped'. */
  async #rescue(): Promise<{ active: string | null; isHealthy: boolean }> {
    const { from } = this.#deployment
    const release = this.#lastGood()
    if (release === undefined) return { active: from?.name ?? null, isHealthy: false }
    const keeper = isStopped(this.#home, this.#deployment) ? 'nobody' : this.#home.keeper.kind
    const failure = await this.#steps.undo(planRescue(pointerTo(release), keeper))
    return { active: release.name, isHealthy: failure === undefined && keeper !== 'nobody' }
  }

  #lastGood(): Release | undefined {
    const { paths, asOwner } = this.#home
    const { target, from } = this.#deployment
    return asOwner(() =>
      goodReleases(readVerdicts(paths), new Releases(paths).list(), [target.commit, from?.commit]),
    )[0]
  }

  #judge(verdict: Verdict, reason: string): void {
    const { commit, name: release, tag } = this.#deployment.target
    this.#steps.tolerantly(() => this.#home.journal.append('verdict', { commit, release, tag, verdict, reason }))
  }

  async #succeed(): Promise<Shipped> {
    const { target, from, steps } = this.#deployment
    const isProven = steps.some((step) => step.do === 'gate')
    const { name: release, commit, tag } = target
    if (isProven) this.#judge('good', `healthy as ${release}`)
    const outcome = isProven ? 'good' : 'switched'
    return this.#concluded({ ...this.#figures(), outcome, release, commit, tag, previous: from?.name ?? null })
  }

  async #end(facts: { active: string | null; isHealthy: boolean; worse: unknown }): Promise<Returned> {
    const standing = standingOf(this.#deployment, facts)
    const needsYou = facts.worse !== undefined && !facts.isHealthy
    const outcome = needsYou ? 'needs you' : isCancelled(this.#failure) ? 'cancelled' : 'back'
    const reason = messageOf(this.#failure)
    return this.#concluded({ ...this.#figures(), outcome, active: facts.active, reason, standing, isOver: true })
  }

  /** The way back failed, too, as on a full disk: the deployment's file stays, for another try. */
  async #stuck(failure: unknown): Promise<Returned> {
    const active = this.#home.asOwner(() => readPointer(this.#home.paths))?.name ?? null
    const standing = `The way back failed, too: ${messageOf(failure)}`
    const reason = messageOf(this.#failure)
    return this.#concluded({ ...this.#figures(), outcome: 'needs you', active, reason, standing, isOver: false })
  }

  async #concluded<T extends Ending>(ending: T): Promise<T> {
    await conclude(this.#home, this.#deployment, ending, this.#hooks.onWarning)
    return ending
  }

  #figures(): { id: string; downtime_ms: number | null; seconds: number } {
    const seconds = Math.round((this.#home.clock.monotonic() - this.#began) / 100) / 10
    return { id: this.#deployment.id, downtime_ms: this.#steps.downtimeMs, seconds }
  }
}
