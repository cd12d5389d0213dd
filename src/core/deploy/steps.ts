import { join } from 'node:path'
import { messageOf } from '#core/errors.js'
import type { Health } from '#core/health/client.js'
import { BuildLog } from './build-log.js'
import type { DeployHome } from './deploy-home.js'
import { type Deployment, writeDeployment } from './deployment-file.js'
import { doStep, type StepContext } from './do-step.js'
import { describe, type Progress, type Step } from './plan.js'

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

/** The steps of one deployment, as they are done: each is written down before it begins. */
export class Steps {
  readonly #home: DeployHome
  readonly #hooks: Hooks
  readonly #context: StepContext

  constructor(home: DeployHome, hooks: Hooks, deployment: Deployment) {
    this.#home = home
    this.#hooks = hooks
    const { signal, onLine, onWait } = hooks
    const log = new BuildLog(home, join(home.paths.releases, `${deployment.target.name}.log`))
    const seen = { downSince: undefined, downtimeMs: undefined, ends: undefined, old: null }
    this.#context = { home, deployment, log, signal, onLine, onWait, ...seen }
  }

  /** As it stands. */
  get deployment(): Deployment {
    return this.#context.deployment
  }

  /** How long the bot was away; null where that isn't known. */
  get downtimeMs(): number | null {
    return this.#context.downtimeMs ?? null
  }

  /** Writes down how far it has come, for a recovery. */
  note(known: Partial<Deployment>): void {
    const deployment = { ...this.#context.deployment, ...known }
    this.#context.deployment = deployment
    this.#home.asOwner(() => writeDeployment(this.#home.paths, deployment))
  }

  async do(step: Step): Promise<Partial<Progress>> {
    const { clock } = this.#home
    const began = clock.monotonic()
    const text = this.#home.redact(describe(step, this.deployment))
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
      this.tolerantly(() => this.#write(step, 'failed', messageOf(error)))
      throw error
    }
  }

  /** Does the steps of the way back, which can't be cancelled. The answer is the error of the one that failed, if any. */
  async undo(steps: readonly Step[]): Promise<unknown> {
    this.#context.signal = new AbortController().signal
    try {
      for (const step of steps) await this.do(step)
      return undefined
    } catch (error) {
      return error
    }
  }

  tolerantly(write: () => void): void {
    tolerantly(write, this.#hooks.onWarning)
  }

  close(): void {
    this.#context.ends?.close()
  }

  /** Into the journal. On the way back nothing that is only written down may stop us, as on a full disk. */
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
    else this.tolerantly(write)
  }
}

/** Writes something that nothing depends on: where that fails, as on a full disk, it is a warning. */
export function tolerantly(write: () => void, onWarning: (text: string) => void): void {
  try {
    write()
  } catch (error) {
    onWarning(messageOf(error))
  }
}
