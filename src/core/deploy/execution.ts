import { join } from 'node:path'
import { CatalystError, type ErrorCode, EXIT, messageOf } from '#core/errors.js'
import type { Health } from '#core/health/client.js'
import { pointerTo, readPointer } from '#core/state/active-release.js'
import { tellAdmin } from './admin-message.js'
import { BuildLog } from './build-log.js'
import type { DeployHome } from './deploy-home.js'
import { type Deployment, forgetDeployment, writeDeployment } from './deployment-file.js'
import { doStep, type StepContext } from './do-step.js'
import { type Ending, isCancelled, type Returned, type Shipped, standingOf } from './ending.js'
import { undertaking, versionName } from './names.js'
import { GateFailed } from './pass-gate.js'
import { describe, planBack, planRescue, type Step } from './plan.js'
import { type Release, Releases } from './releases.js'
import { goodReleases, readVerdicts, type Verdict } from './verdicts.js'

/** A step as it goes on. */
export interface StepEvent {
  readonly step: Step['do']
  readonly text: string
  readonly state: 'begin' | 'done' | 'failed'
  /** Since its beginning, in milliseconds. */
  readonly ms: number
}

/** What whoever asked for it sees. */
export interface Hooks {
  readonly signal: AbortSignal
  readonly onStep: (event: StepEvent) => void
  readonly onLine: (line: string) => void
  readonly onWait: (health: Health) => void
  readonly onWarning: (text: string) => void
}

/** No other try would find such a backup again. */
const GONE: readonly ErrorCode[] = ['BACKUP_UNKNOWN', 'BACKUP_DAMAGED']

/** A plan while it is carried out: each step is written down before it begins. */
export class Execution {
  readonly #home: DeployHome
  readonly #hooks: Hooks
  readonly #context: StepContext
  readonly #began: number
  #deployment: Deployment
  #failure: unknown

  constructor(home: DeployHome, hooks: Hooks, deployment: Deployment) {
    this.#home = home
    this.#hooks = hooks
    this.#deployment = deployment
    this.#began = home.clock.monotonic()
    const { signal, onLine, onWait, onWarning } = hooks
    const seen = { downSince: undefined, downtimeMs: undefined, ends: undefined, old: null }
    const log = new BuildLog(home, join(home.paths.releases, `${deployment.target.name}.log`))
    this.#context = { home, deployment, log, signal, onLine, onWait, onWarning, ...seen }
  }

  get deployment(): Deployment {
    return this.#deployment
  }

  /** What kept it from going live. */
  get failure(): unknown {
    return this.#failure
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
        this.#breakOff(step)
        if (step.do === 'prune') {
          await this.#afterProof(step, index)
          continue
        }
        this.#note({ ...known, begun: index + 1 })
        known = await this.#do(step)
      }
      return await this.#succeed()
    } catch (error) {
      return await this.back(error)
    } finally {
      this.#context.ends?.close()
    }
  }

  /** It has proven itself, and nothing takes it back any more. */
  async #afterProof(step: Step, index: number): Promise<void> {
    this.#tolerantly(() => this.#note({ begun: index + 1 }))
    await this.#do(step).catch((error) => this.#hooks.onWarning(messageOf(error)))
  }

  /** The way back from wherever it has come to. */
  async back(error: unknown): Promise<Returned> {
    this.#failure = error
    const reason = messageOf(error)
    this.#tolerantly(() => this.#note({ back: reason }))
    const steps = planBack(this.#deployment, this.#deployment)
    const isGated = steps.some((step) => step.do === 'gate')
    const active = this.#deployment.from?.name ?? null
    const failure = await this.#goBack(steps)
    if (failure === undefined) {
      if (error instanceof GateFailed) this.#judge('bad', reason)
      return this.#end({ active, isHealthy: isGated, worse: undefined })
    }
    if (!(failure instanceof GateFailed)) return this.#stuck(failure)
    const rescued = await this.#rescue()
    // where nothing comes up, it may be the world that has changed, and not the commit that is to blame
    if (error instanceof GateFailed) this.#judge(rescued.isHealthy ? 'bad' : 'unknown', reason)
    return this.#end({ ...rescued, worse: failure })
  }

  /** Settings that can't be had back are no reason to leave a failed version live. */
  async #goBack(steps: readonly Step[]): Promise<unknown> {
    const lost = await this.#doAll(steps.filter((step) => step.do === 'settings'))
    const failure = await this.#doAll(steps.filter((step) => step.do !== 'settings'))
    const isGone = lost instanceof CatalystError && GONE.includes(lost.code)
    if (isGone) this.#hooks.onWarning(`The settings of before can't be had back: ${lost.message}`)
    return failure ?? (isGone ? undefined : lost)
  }

  /** The last good one is tried, and left running in any case: a rescue never ends in 'stopped'. */
  async #rescue(): Promise<{ active: string | null; isHealthy: boolean }> {
    const { from } = this.#deployment
    const release = this.#lastGood()
    if (release === undefined) return { active: from?.name ?? null, isHealthy: false }
    const failure = await this.#doAll(planRescue(pointerTo(release), this.#home.keeper.kind))
    return { active: release.name, isHealthy: failure === undefined }
  }

  #lastGood(): Release | undefined {
    const { paths, asOwner } = this.#home
    const { target, from } = this.#deployment
    return asOwner(() =>
      goodReleases(readVerdicts(paths), new Releases(paths).list(), [target.commit, from?.commit]),
    )[0]
  }

  /** What failed, if anything did. */
  async #doAll(steps: readonly Step[]): Promise<unknown> {
    this.#context.signal = new AbortController().signal // the way back is not broken off
    try {
      for (const step of steps) await this.#do(step)
      return undefined
    } catch (error) {
      return error
    }
  }

  async #do(step: Step): Promise<Partial<Deployment>> {
    const { clock } = this.#home
    const began = clock.monotonic()
    const text = this.#home.redact(describe(step, this.#deployment))
    const say = (state: StepEvent['state']) =>
      this.#hooks.onStep({ step: step.do, text, state, ms: Math.round(clock.monotonic() - began) })
    this.#write(step, 'begin')
    say('begin')
    try {
      const known = await doStep(step, this.#context)
      say('done')
      this.#write(step, 'done')
      return known
    } catch (error) {
      say('failed')
      this.#tolerantly(() => this.#write(step, 'failed', messageOf(error)))
      throw error
    }
  }

  /** Into the journal. On the way back nothing that is only written down may stop us, as on a full disk. */
  #write(step: Step, state: 'begin' | 'done' | 'failed', reason?: string): void {
    const { id, back } = this.#deployment
    const write = () =>
      this.#home.journal.note('deploy.step', {
        id,
        step: step.do,
        state: back === null ? state : state === 'begin' ? 'undoing' : state === 'done' ? 'undone' : state,
        ...(reason !== undefined && { reason }),
      })
    if (back === null) write()
    else this.#tolerantly(write)
  }

  /** Between two steps nothing is half done. What follows the proof of health is not broken off any more. */
  #breakOff(step: Step): void {
    if (!this.#hooks.signal.aborted || step.do === 'prune') return
    throw new CatalystError('It was broken off.', { code: 'DEPLOY_CANCELLED', exit: EXIT.failed })
  }

  #note(known: Partial<Deployment>): void {
    this.#deployment = { ...this.#deployment, ...known }
    this.#context.deployment = this.#deployment
    this.#home.asOwner(() => writeDeployment(this.#home.paths, this.#deployment))
  }

  #tolerantly(write: () => void): void {
    try {
      write()
    } catch (error) {
      this.#hooks.onWarning(messageOf(error))
    }
  }

  #judge(verdict: Verdict, reason: string): void {
    const { commit, name: release, tag } = this.#deployment.target
    this.#tolerantly(() => this.#home.journal.append('verdict', { commit, release, tag, verdict, reason }))
  }

  async #succeed(): Promise<Shipped> {
    const { id, target, from, steps } = this.#deployment
    const isProven = steps.some((step) => step.do === 'gate')
    const { name: release, commit, tag } = target
    const previous = from?.name ?? null
    if (isProven) this.#judge('good', `healthy as ${release}`)
    const { downtimeMs: downtime_ms = null } = this.#context
    const outcome = isProven ? 'good' : 'switched'
    const shipped: Shipped = { id, outcome, release, commit, tag, previous, downtime_ms, seconds: this.#seconds() }
    this.#conclude({ outcome, active: release, downtime_ms })
    const text = isProven ? 'is live, and healthy' : 'is active, and unproven: nobody keeps the bot'
    await this.#tell('done', `${versionName(target)} ${text}. Before: ${previous ?? 'the home itself'}.`, true)
    return shipped
  }

  async #end(facts: { active: string | null; isHealthy: boolean; worse: unknown }): Promise<Returned> {
    const standing = standingOf(this.#deployment, facts)
    const needsYou = facts.worse !== undefined && !facts.isHealthy
    const outcome = needsYou ? 'needs you' : isCancelled(this.#failure) ? 'cancelled' : 'back'
    return this.#return(outcome, facts.active, standing)
  }

  /** Not even the way back could be gone to its end, as on a full disk: the deployment's file stays, for another try. */
  async #stuck(failure: unknown): Promise<Returned> {
    const active = this.#home.asOwner(() => readPointer(this.#home.paths))?.name ?? null
    const standing = `The way back failed, too: ${messageOf(failure)}`
    return this.#return('needs you', active, standing, false)
  }

  async #return(
    outcome: Returned['outcome'],
    active: string | null,
    standing: string,
    isOver = true,
  ): Promise<Returned> {
    const { id } = this.#deployment
    const reason = messageOf(this.#failure)
    const { downtimeMs: downtime_ms = null } = this.#context
    this.#conclude({ outcome, active, downtime_ms, reason }, isOver)
    const title = { back: 'failed', cancelled: 'broken off', 'needs you': 'needs you' }[outcome]
    await this.#tell(title, `${reason}\n${standing}`, false)
    return { id, outcome, active, reason, standing, isOver, seconds: this.#seconds(), downtime_ms }
  }

  #conclude(facts: Record<string, unknown>, isOver = true): void {
    const { id, what, target } = this.#deployment
    const { journal, asOwner, paths } = this.#home
    this.#tolerantly(() =>
      journal.append('deploy.end', { id, what, release: target.name, ...facts, seconds: this.#seconds() }),
    )
    if (isOver) this.#tolerantly(() => asOwner(() => forgetDeployment(paths)))
  }

  #tell(title: string, description: string, isGood: boolean): Promise<void> {
    const message = { title: `${undertaking(this.#deployment)}: ${title}`, description, isGood }
    const lookFurther = 'catalyst deploy info\ncatalyst history --kind deploy'
    return tellAdmin(this.#home, { ...message, lookFurther }, this.#hooks.onWarning)
  }

  #seconds(): number {
    return Math.round((this.#home.clock.monotonic() - this.#began) / 100) / 10
  }
}
