import { expect } from 'chai'
import fc from 'fast-check'
import { CONFIRM_MS, step } from '#core/watchdog/policy/policy.js'
import { WINDOW_MS } from '#core/watchdog/policy/restart-budget.js'
import { type Effect, initialState, type Observation, type State } from '#core/watchdog/policy/state.js'
import { RULES } from '../support/builders/watchdog-rules.js'

/** What the design allows beyond threshold and interval: the second look, the asking, and a tick. */
const SLACK_MS = 15_000

/** What may happen to the bot, and to the machine, between two looks. */
type Deed =
  | 'freeze'
  | 'hang'
  | 'crash'
  | 'crash for good'
  | 'fail'
  | 'heal'
  | 'stop'
  | 'start'
  | 'deploy'
  | 'deployed'
  | 'pause'
  | 'resume'
  | 'go offline'
  | 'go online'
  | 'sleep'
  | 'set the clock'
  | 'grow'

const DEEDS: readonly Deed[] = [
  'freeze',
  'hang',
  'crash',
  'crash for good',
  'fail',
  'heal',
  'stop',
  'start',
  'deploy',
  'deployed',
  'pause',
  'resume',
  'go offline',
  'go online',
  'sleep',
  'set the clock',
  'grow',
]

/** A bot, its machine and the loop around the policy, as the real ones behave. */
class World {
  now = 0
  wall = Date.parse('2026-03-01T12:00:00Z')
  state: State
  bot: 'well' | 'frozen' | 'hanging' | 'failed' | 'settings' = 'well'
  stopped = false
  deploying = false
  paused = false
  online = true
  fat = false
  observeAt = 0
  readonly restarts: number[] = []
  /** Since when the policy must act; undefined while it need not. */
  owedSince: number | undefined
  /** The last alert of each incident. */
  readonly alerts = new Map<number, string>()

  constructor() {
    this.state = initialState(0, RULES)
  }

  observation(): Observation {
    const { bot } = this
    const down = this.stopped || bot === 'failed' || bot === 'settings'
    return {
      status: down || bot === 'frozen' ? undefined : bot === 'hanging' ? 'unhealthy' : 'healthy',
      process: this.stopped ? 'stopped' : down ? 'failed' : 'running',
      exit: bot === 'settings' ? 78 : null,
      stoppedOnPurpose: this.stopped,
      deploying: this.deploying,
      paused: this.paused,
      online: this.online,
      overMemory: this.fat,
    }
  }

  feed(event: Parameters<typeof step>[1], works: () => boolean): void {
    const { state, effects } = step(this.state, event, this.now, RULES)
    this.state = state
    for (const effect of effects) this.carryOut(effect, works)
  }

  carryOut(effect: Effect, works: () => boolean): void {
    if (effect.do === 'observe') this.observeAt = this.now + effect.inMs
    if (effect.do === 'alert') {
      const { id, state } = effect.incident
      const text = JSON.stringify(effect.incident)
      if (state === 'recovered') expect(this.alerts.has(id), 'recovered only after an alert').to.equal(true)
      expect(this.alerts.get(id), 'no alert is sent twice').to.not.equal(text)
      this.alerts.set(id, text)
    }
    if (effect.do === 'restart') this.restart(works)
  }

  restart(works: () => boolean): void {
    expect(this.stopped, 'no restart of what was stopped on purpose').to.equal(false)
    expect(this.deploying, 'no restart during a deployment').to.equal(false)
    expect(this.paused, 'no restart in a pause').to.equal(false)
    this.restarts.push(this.now)
    const inWindow = this.restarts.filter((at) => this.now - at < WINDOW_MS).length
    expect(inWindow, 'restarts in 60 minutes').to.be.at.most(RULES.maxRestarts)
    this.owedSince = undefined
    this.pass(10_000)
    this.feed({ kind: 'restarting' }, works)
    const worked = works()
    this.pass(worked ? 5000 : RULES.startTimeoutMs)
    if (worked) Object.assign(this, { bot: 'well', fat: false })
    this.feed({ kind: 'restarted', worked, wall: this.wall }, works)
  }

  pass(ms: number): void {
    this.now += ms
    this.wall += ms
  }

  do(deed: Deed): void {
    switch (deed) {
      case 'freeze':
        this.bot = 'frozen'
        break
      case 'hang':
        this.bot = 'hanging'
        break
      case 'fail':
        this.bot = 'failed'
        break
      case 'crash':
        this.bot = 'well'
        this.feed({ kind: 'exited', exit: 1, wall: this.wall }, () => true)
        break
      case 'crash for good':
        this.bot = 'settings'
        this.feed({ kind: 'exited', exit: 78, wall: this.wall }, () => true)
        break
      case 'heal':
        Object.assign(this, { bot: 'well', fat: false })
        break
      case 'stop':
        this.stopped = true
        break
      case 'start':
        Object.assign(this, { stopped: false, bot: 'well' })
        break
      case 'deploy':
        this.deploying = true
        break
      case 'deployed':
        this.deploying = false
        break
      case 'pause':
        this.paused = true
        break
      case 'resume':
        this.paused = false
        break
      case 'go offline':
        this.online = false
        break
      case 'go online':
        this.online = true
        break
      case 'sleep':
        this.wall += 8 * 60 * 60_000 // Linux's monotonic clock stands still
        break
      case 'set the clock':
        this.wall -= 400 * 24 * 60 * 60_000
        break
      case 'grow':
        this.fat = true
        break
    }
    this.owedSince = undefined
  }

  /** How long it may take from `owedSince` until a restart, beside an interval and the slack. */
  longestWait(): number {
    const { owedSince = 0 } = this
    if (this.bot === 'frozen') return Math.max(RULES.freezeThresholdMs, this.state.graceUntil - owedSince)
    if (this.bot === 'hanging') return CONFIRM_MS // the bot itself has waited for the threshold
    if (this.bot === 'failed') return RULES.restartDelayMs
    return 60_000 // too large
  }

  /** Whether a restart is due by all rules, if nothing more happens. */
  owes(): boolean {
    if (this.stopped || this.deploying || this.paused) return false
    if (this.state.restarts.filter((at) => this.now - at < WINDOW_MS).length >= RULES.maxRestarts) return false
    if (this.bot === 'frozen' || this.bot === 'failed') return true
    return (this.bot === 'hanging' && this.online) || (this.bot === 'well' && this.fat)
  }

  observe(works: () => boolean): void {
    this.owedSince = this.owes() ? (this.owedSince ?? this.now) : undefined
    const limit = this.longestWait()
    const observedAt = this.now
    this.feed({ kind: 'observation', observation: this.observation(), wall: this.wall, tookMs: 0 }, works)
    if (this.owedSince === undefined || this.now !== observedAt) return
    expect(this.now - this.owedSince, `a ${this.bot} bot waits`).to.be.at.most(limit + RULES.checkIntervalMs + SLACK_MS)
  }
}

describe('the policy of the watchdog, whatever happens', () => {
  it('keeps the restart budget, leaves a held bot alone, always acts in time, and alerts in order', function () {
    this.timeout(60_000)
    let steps = 0
    const moment = fc.record({
      deed: fc.option(fc.constantFrom(...DEEDS), { freq: 3 }),
      looks: fc.integer({ min: 1, max: 12 }),
      works: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(moment, { minLength: 60, maxLength: 120 }), (moments) => {
        const world = new World()
        for (const { deed, looks, works } of moments) {
          if (deed) world.do(deed)
          for (let look = 0; look < looks; look++) {
            world.pass(Math.max(0, world.observeAt - world.now))
            world.observe(() => works)
            steps++
          }
        }
      }),
      { numRuns: 400 },
    )
    expect(steps).to.be.above(100_000)
  })
})
