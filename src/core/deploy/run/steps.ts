import { join } from 'node:path'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import { type Deployment, writeDeployment } from '#core/deploy/deployment-file.js'
import { describe, type Progress, type Step } from '#core/deploy/plan.js'
import { messageOf } from '#core/errors.js'
import type { Health } from '#core/health/client.js'
import { bestEffort } from '#core/platform/best-effort.js'
import { BuildLog } from './build-log.js'
import { doStep, type RestartCost, type StepContext } from './do-step.js'

/** A step as it goes on. */
export interface StepEvent {
  readonly step: Step['do']
  readonly text: string
  readonly state: 'begin' | 'done' | 'failed'
  /** The time since its beginning, in milliseconds. */
  readonly ms: number
}

/** The callbacks that show the progress of a deployment, and the signal that cancels it. */
export interface Hooks {
  readonly signal: AbortSignal
  readonly onStep: (event: StepEvent) => void
  readonly onLine: (line: string) => void
  readonly onWait: (health: Health) => void
  readonly onWarning: (text: string) => void
}

/** The steps of one deployment while they are done: each is recorded before it begins. */
export class Steps {
  readonly #home: DeployHome
  readonly #hooks: Hooks
  readonly #context: StepContext

  constructor(home: DeployHome, hooks: Hooks, deployment: Deployment) {
    this.#home = home
    this.#hooks = hooks
    const { signal, onLine, onWait, onWarning } = hooks
    const log = new BuildLog(home, join(home.paths.releases, `${deployment.target.name}.log`))
    const seen = {
      downSince: undefined,
      cost: undefined,
      exits: undefined,
      waitedMs: undefined,
      restartedAt: home.clock.now(),
      old: null,
    }
    this.#context = { home, deployment, log, signal, onLine, onWait, onWarning, ...seen }
  }

  /** The deployment with its progress. */
  get deployment(): Deployment {
    return this.#context.deployment
  }

  /** The cost of the restart; undefined where that isn't known. */
  get cost(): RestartCost | undefined {
    return this.#context.cost
  }

  /** The time for which a busy bot was waited for; undefined: it was not. */
  get waitedMs(): number | undefined {
    return this.#context.waitedMs
  }

  /** Records the progress, for a recovery. */
  note(known: Partial<Deployment>): void {
    const deployment = { ...this.#context.deployment, ...known }
    this.#context.deployment = deployment
    writeDeployment(this.#home, deployment)
  }

  /** Does a step, once `before` has returned. */
  async do(step: Step, before?: () => void): Promise<Partial<Progress>> {
    const { clock } = this.#home
    const began = clock.monotonic()
    const text = this.#home.redact(describe(step, this.deployment))
    const say = (state: StepEvent['state']) =>
      this.#hooks.onStep({ step: step.do, text, state, ms: Math.round(clock.monotonic() - began) })
    this.#home.asOwner(() => {
      before?.()
      this.#write(step, 'begin')
    })
    say('begin')
    try {
      const known = await doStep(step, this.#context)
      say('done')
      this.#write(step, 'done')
      return known
    } catch (error) {
      say('failed')
      this.bestEffort(() => this.#write(step, 'failed', messageOf(error)))
      throw error
    }
  }

  /** Does steps that undo others, which can't be cancelled. Returns the error of the one that failed, if any. */
  async undo(steps: readonly Step[]): Promise<unknown> {
    this.#context.signal = new AbortController().signal
    try {
      for (const step of steps) await this.do(step)
      return undefined
    } catch (error) {
      return error
    }
  }

  bestEffort(write: () => void): void {
    bestEffort(write, this.#hooks.onWarning)
  }

  close(): void {
    this.#context.exits?.close()
  }

  /** Writes an entry into the journal. While rolling back a failed write, as on a full disk, must not stop us. */
  #write(step: Step, state: 'begin' | 'done' | 'failed', reason?: string): void {
    const { id, back } = this.deployment
    const write = () =>
      this.#home.journal.note('deploy.step', {
        id,
        step: step.do,
        state: back === null ? state : state === 'begin' ? 'undoing' : state === 'done' ? 'undone' : state,
        ...(reason !== undefined && { reason }),
      })
    if (back === null) write()
    else this.bestEffort(write)
  }
}
