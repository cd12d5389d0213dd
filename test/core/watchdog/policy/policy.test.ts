import { expect } from 'chai'
import { type IncidentState, isCrashLoop } from '#core/incidents/incident.js'
import { CONFIRM_MS, step } from '#core/watchdog/policy/policy.js'
import { restartsLeft, WINDOW_MS } from '#core/watchdog/policy/restart-budget.js'
import type { Rules } from '#core/watchdog/policy/rules.js'
import { type Event, initialState, type Observation, type State } from '#core/watchdog/policy/state.js'
import { RULES } from '../../../support/builders/watchdog-rules.js'

const WALL = Date.parse('2026-03-01T12:00:00Z')

const WELL: Observation = {
  status: 'healthy',
  process: 'running',
  exit: null,
  stoppedOnPurpose: false,
  deploying: false,
  paused: false,
  online: true,
  overMemory: false,
}
const SILENT: Observation = { ...WELL, status: undefined }
const HANGS: Observation = { ...WELL, status: 'unhealthy' }
const FAILED: Observation = { ...SILENT, process: 'failed', exit: 1 }

/** Feeds events one after the other, each so long after the one before, and writes down what comes of it. */
class Story {
  state: State
  readonly rules: Rules
  readonly did: string[] = []
  now = 0
  wall = WALL

  constructor(rules: Partial<Rules> = {}, saved: Parameters<typeof initialState>[2] = {}) {
    this.rules = { ...RULES, ...rules }
    this.state = initialState(0, this.rules, saved)
  }

  /** Looks after so many seconds; by default when the policy wants to. */
  look(observation: Observation, seconds?: number): this {
    const due = this.state.due?.now ?? this.now
    const ms = seconds === undefined ? due - this.now : seconds * 1000
    this.pass(ms)
    return this.feed({ kind: 'observation', observation, wall: this.wall, tookMs: 0 })
  }

  ends(exit: number | null, release?: string | null): this {
    return this.feed({ kind: 'exited', exit, wall: this.wall, release })
  }

  restarted(worked: boolean): this {
    this.feed({ kind: 'restarting' })
    return this.feed({ kind: 'restarted', worked, wall: this.wall })
  }

  pass(ms: number): this {
    this.now += ms
    this.wall += ms
    return this
  }

  feed(event: Event): this {
    const { state, effects } = step(this.state, event, this.now, this.rules)
    this.state = state
    for (const effect of effects) {
      if (effect.do === 'alert')
        this.did.push(`${effect.incident.why}: ${effect.incident.state satisfies IncidentState}`)
      if (effect.do === 'restart') this.did.push('restart')
    }
    return this
  }
}

describe('the policy of the watchdog', () => {
  it('does nothing while the bot is healthy', () => {
    const story = new Story()
    for (let look = 0; look < 100; look++) story.look(WELL)
    expect(story.did).to.deep.equal([])
    expect(story.state.due?.now).to.equal(story.now + RULES.checkIntervalMs)
  })

  it('restarts after two unhealthy answers ten seconds apart, and alerts once per step', () => {
    const story = new Story().look(WELL).look(HANGS)
    expect(story.did).to.deep.equal([])
    expect((story.state.due?.now ?? 0) - story.now).to.equal(CONFIRM_MS)
    story.look(HANGS)
    expect(story.did).to.deep.equal(['hangs: detected', 'restart'])
    story.restarted(true)
    expect(story.did.slice(2)).to.deep.equal(['hangs: restarting', 'hangs: recovered'])
  })

  it('does not restart for one unhealthy answer, nor where the network is gone', () => {
    const story = new Story().look(WELL).look(HANGS).look(WELL).look(HANGS)
    for (let look = 0; look < 9; look++) story.look({ ...HANGS, online: false })
    expect(story.did).to.deep.equal([])
  })

  it('restarts after the threshold of silence since the last good answer, also offline', () => {
    const story = new Story().look(WELL, 600)
    const goodAt = story.now
    while (story.did.length === 0) story.look({ ...SILENT, online: false })
    expect(story.did).to.deep.equal(['silent: detected', 'restart'])
    expect(story.now - goodAt).to.equal(RULES.freezeThresholdMs)
  })

  it('gives a start a grace period, which ends once the bot has worked', () => {
    const story = new Story({ startTimeoutMs: 3_600_000 }).look(WELL)
    while (story.did.length === 0) story.look(SILENT)
    expect(story.now).to.equal(RULES.freezeThresholdMs)
    const starting = new Story({ startTimeoutMs: 3_600_000 })
    while (starting.did.length === 0) starting.look(SILENT)
    expect(starting.now).to.be.within(3_600_000, 3_600_000 + RULES.checkIntervalMs)
  })

  it('spends at most the restart budget in any hour, then needs attention once, and goes on when the hour is over', () => {
    const story = new Story()
    for (let restart = 0; restart < 3; restart++) {
      while (!story.state.isRestarting) story.look(SILENT)
      story.pass(RULES.startTimeoutMs).restarted(false)
    }
    expect(restartsLeft(story.state, story.now, story.rules)).to.equal(0)
    const before = story.did.length
    for (let look = 0; look < 30; look++) story.look(SILENT)
    expect(story.did.slice(before)).to.deep.equal(['silent: needs_attention'])
    const oldest = story.state.restarts[0] ?? 0
    while (!story.state.isRestarting) story.look(SILENT)
    expect(story.now - oldest).to.be.within(WINDOW_MS, WINDOW_MS + RULES.checkIntervalMs)
  })

  it('remembers the used restart budget across its own restart', () => {
    const story = new Story({}, { restarts: [-1000, -500, -1] })
    for (let look = 0; look < 9; look++) story.look(SILENT)
    expect(story.did).to.deep.equal(['silent: needs_attention'])
  })

  it('leaves a stopped, deploying or paused bot alone, and gives it a grace period afterwards', () => {
    for (const held of [
      { stoppedOnPurpose: true },
      { deploying: true },
      { paused: true },
      { process: 'stopped' as const },
    ]) {
      const story = new Story().look(WELL)
      for (let look = 0; look < 60; look++) story.look({ ...SILENT, ...held })
      story.ends(1)
      expect(story.did, JSON.stringify(held)).to.deep.equal([])
      story.look(SILENT)
      expect(story.state.graceUntil).to.equal(story.now + RULES.startTimeoutMs)
    }
  })

  it('starts a failed service after its manager had time to, but not one with wrong settings', () => {
    const story = new Story().look(WELL).look(FAILED).look(FAILED, 5)
    expect(story.did).to.deep.equal([])
    expect(story.look(FAILED, 5).did).to.deep.equal(['down: detected', 'restart'])
    for (const exit of [77, 78]) {
      const nonRetryable = new Story().look(WELL)
      for (let look = 0; look < 9; look++) nonRetryable.look({ ...FAILED, exit })
      expect(nonRetryable.did).to.deep.equal(['settings: needs_attention'])
      expect(restartsLeft(nonRetryable.state, nonRetryable.now, RULES)).to.equal(3)
    }
  })

  it('has one incident for exits in a row, which spend no budget, and calls the fifth a crash loop', () => {
    const story = new Story().look(WELL)
    for (let end = 1; end <= 50; end++) {
      story.pass(30_000).ends(1)
      expect(isCrashLoop(story.state.incident as never)).to.equal(end >= 5)
      story.look(WELL, 5)
    }
    expect(new Set([story.state.incident?.id]).size).to.equal(1)
    expect(story.state.incident?.ends).to.equal(50)
    expect(restartsLeft(story.state, story.now, RULES)).to.equal(3)
    story.pass(11 * 60_000).ends(1)
    expect(story.state.incident?.ends, 'a later one is another').to.equal(1)
  })

  it('leaves a start to the supervisor, however long its pause is', () => {
    const waits: Observation = { ...SILENT, process: 'restarting' }
    const story = new Story().look(WELL).ends(1)
    for (let look = 0; look < 60; look++) story.look(waits, 10)
    expect(story.did).to.deep.equal(['ended: detected'])
    for (let look = 0; look < 8; look++) story.look(SILENT, 60)
    expect(story.did.join()).to.contain('silent')
  })

  it('alerts about an exit that nobody could write down, once the supervisor has shown it for a while', () => {
    const waits: Observation = { ...SILENT, process: 'restarting', exit: 1 }
    const story = new Story().look(WELL).look(waits)
    expect(story.did).to.deep.equal([])
    story.look(SILENT) // each start is refused
    story.look(waits)
    expect(story.did).to.deep.equal(['ended: detected'])
    expect(story.now, 'it looks more often').to.be.at.most(RULES.checkIntervalMs + 2 * CONFIRM_MS)
    for (let look = 0; look < 9; look++) story.look(waits)
    story.ends(1) // the first one that could be written down again
    expect(story.state.incident).to.include({ exit: 1, ends: 1 })
    expect(story.look(WELL).did).to.deep.equal(['ended: detected', 'ended: detected', 'ended: recovered'])
    expect(new Story().look(WELL).look(waits).look(WELL).look(waits).did, 'one that is quick').to.deep.equal([])
  })

  it('leaves an incident that needs attention as it is, however often the bot exits', () => {
    const story = new Story({ maxRestarts: 0 }).look(WELL)
    while (story.state.incident?.state !== 'needs_attention') story.look(HANGS)
    const { id } = story.state.incident
    for (let end = 0; end < 9; end++) {
      story.pass(130_000).ends(null)
      story
        .look({ ...SILENT, process: 'restarting' }, 5)
        .look(HANGS)
        .look(HANGS)
    }
    expect([...new Set(story.did)]).to.deep.equal(['hangs: needs_attention'])
    expect(story.state.incident).to.include({ id, ends: 9, why: 'hangs' })
    expect(story.look(WELL).did.at(-1)).to.equal('hangs: recovered')
  })

  describe('on the exit of another release than that of the last incident', () => {
    const first = () => new Story().look(WELL).ends(1, 'v1')
    const incidentOf = ({ state }: Story) => state.incident

    it('opens a new incident, also soon after the recovery', () => {
      const story = first().look(WELL)
      const before = incidentOf(story)
      story.pass(30_000).ends(3, 'v2')
      expect(incidentOf(story)).to.include({ release: 'v2', ends: 1, exit: 3, state: 'detected' })
      expect(incidentOf(story)?.id).to.not.equal(before?.id)
      expect(story.did).to.deep.equal(['ended: detected', 'ended: recovered', 'ended: detected'])
    })

    it('closes the incident before where that was still open', () => {
      const story = first().pass(1000).ends(3, 'v2')
      expect(story.did).to.deep.equal(['ended: detected', 'ended: recovered', 'ended: detected'])
      expect(incidentOf(story)).to.include({ release: 'v2', ends: 1 })
    })

    it('closes the incident before also where that was about wrong settings', () => {
      const story = first().pass(1000).ends(78, 'v2')
      expect(story.did).to.deep.equal(['ended: detected', 'ended: recovered', 'settings: needs_attention'])
      expect(incidentOf(story)?.release).to.equal('v2')
    })

    it('tells the working tree from a release', () => {
      const story = new Story().look(WELL).ends(1, null).look(WELL).pass(30_000).ends(1, 'v1')
      expect(incidentOf(story)).to.include({ release: 'v1', ends: 1 })
    })

    it('reopens the incident of the same release, and of an unknown one', () => {
      for (const [one, other] of [
        ['v1', 'v1'],
        [null, null],
        [undefined, 'v1'],
        ['v1', undefined],
      ] as const) {
        const story = new Story().look(WELL).ends(1, one).look(WELL).pass(30_000).ends(1, other)
        expect(incidentOf(story), `${one} ${other}`).to.include({ ends: 2 })
      }
    })
  })

  it('takes changed settings for another try', () => {
    const story = new Story().look(WELL).ends(78).ends(1)
    expect(story.did).to.deep.equal(['settings: needs_attention', 'ended: detected'])
    expect(story.ends(78).did.at(-1)).to.equal('settings: needs_attention')
  })

  it('has one incident for exits in a row, also with silence between them', () => {
    const story = new Story().look(WELL).ends(1)
    const first = story.state.incident?.id
    for (let look = 0; look < 8; look++) story.look(SILENT, 60)
    story.feed({ kind: 'restarted', worked: true, wall: story.wall })
    expect(story.state.incident).to.include({ id: first, why: 'silent', state: 'recovered' })
    story.ends(1)
    expect(story.state.incident).to.include({ id: first, ends: 2 })
  })

  it('counts anew after the machine slept, whichever clock shows it', () => {
    const asleep = new Story().look(WELL).look(SILENT)
    asleep.wall += 8 * 60 * 60_000
    for (let look = 0; look < 4; look++) asleep.look(SILENT)
    expect(asleep.did).to.deep.equal([])
    const suspended = new Story()
      .look(WELL)
      .pass(8 * 60 * 60_000)
      .look(SILENT)
    expect(suspended.did).to.deep.equal([])
  })

  it('gives a bot one grace period after a long sleep, in which no cycle could end', () => {
    const asleep = new Story()
      .look(WELL)
      .pass(8 * 60 * 60_000)
      .look(HANGS, 0)
    const wokeAt = asleep.now
    while (asleep.did.length === 0) asleep.look(HANGS)
    expect(asleep.did).to.deep.equal(['hangs: detected', 'restart'])
    expect(asleep.now - wokeAt).to.be.within(
      RULES.startTimeoutMs,
      RULES.startTimeoutMs + RULES.checkIntervalMs + CONFIRM_MS,
    )
  })

  it('ends the grace period after a sleep once the bot has worked', () => {
    const awake = new Story({ startTimeoutMs: 60 * 60_000 })
      .look(WELL)
      .pass(8 * 60 * 60_000)
      .look(HANGS, 0)
      .look(WELL)
    const workedAt = awake.now
    while (awake.did.length === 0) awake.look(HANGS)
    expect(awake.now - workedAt).to.be.at.most(RULES.checkIntervalMs + CONFIRM_MS)
  })

  it('opens a new incident although the clock was set back since the last one', () => {
    const story = new Story().look(WELL).ends(1).look(WELL)
    const first = story.state.incident?.id
    story.wall -= 8 * 60 * 60_000
    for (let look = 0; look < 12; look++) story.look(WELL)
    story.ends(1)
    expect(story.state.incident).to.include({ state: 'detected', ends: 1 })
    expect(story.state.incident?.id).not.to.equal(first)
  })

  it('only alerts where restarts are switched off', () => {
    const story = new Story({ restarts: false }).look(WELL)
    for (let look = 0; look < 20; look++) story.look(HANGS)
    expect(story.look(WELL).did).to.deep.equal(['hangs: needs_attention', 'hangs: recovered'])
  })

  it('restarts a bot that takes too much memory for a minute', () => {
    const fat = { ...WELL, overMemory: true }
    const story = new Story().look(WELL).look(fat).look(WELL).look(fat)
    expect(story.did).to.deep.equal([])
    expect(story.look(fat).did).to.deep.equal(['memory: detected', 'restart'])
  })

  describe('on signs that a bot is deaf', () => {
    const DEAF: Observation = { ...WELL, status: 'degraded', signs: ['nothing has come for 3 h'] }

    it('alerts once, restarts nothing, and says when they are over', () => {
      const story = new Story().look(WELL)
      for (let look = 0; look < 100; look++) story.look(DEAF)
      expect(story.did).to.deep.equal(['deaf: needs_attention'])
      expect(story.state.incident).to.deep.include({ signs: ['nothing has come for 3 h'] })
      expect(story.state.incident?.attention?.why).to.equal('not_proof')
      story.look(WELL)
      expect(story.did.slice(1)).to.deep.equal(['deaf: recovered'])
    })

    it('alerts about an exit all the same', () => {
      const story = new Story().look(DEAF).ends(1)
      expect(story.did).to.deep.equal(['deaf: needs_attention', 'ended: detected'])
    })

    it('restarts a bot that then proves to hang', () => {
      const story = new Story().look(DEAF).look(HANGS).look(HANGS)
      expect(story.did).to.deep.equal(['deaf: needs_attention', 'hangs: detected', 'restart'])
    })
  })

  describe('where a bot that takes too much memory is busy', () => {
    const fat = { ...WELL, overMemory: true }
    const busy = { ...fat, busy: { why: 'open order', until: '2026-03-01T12:10:00.000Z' } }

    it('waits with its restart until it is not', () => {
      const story = new Story().look(WELL).look(fat)
      for (let look = 0; look < 5; look++) story.look(busy)
      expect([story.did, story.state.memoryWait?.busy.why]).to.deep.equal([[], 'open order'])
      expect(story.look(fat).did).to.deep.equal(['memory: detected', 'restart'])
    })

    it('waits no longer than BOT_BUSY_MAX, and looks often meanwhile', () => {
      const story = new Story().look(WELL).look(fat)
      for (let look = 0; look < 200 && story.did.length === 0; look++) story.look(busy)
      expect(story.did).to.deep.equal(['memory: detected', 'restart'])
      // the first look, a minute later the second, then the wait
      expect(story.now - (120_000 + RULES.busyMaxMs)).to.be.within(0, CONFIRM_MS)
    })

    it('waits with nothing where the bot hangs', () => {
      const story = new Story()
        .look(WELL)
        .look({ ...HANGS, busy: busy.busy })
        .look({ ...HANGS, busy: busy.busy })
      expect(story.did).to.deep.equal(['hangs: detected', 'restart'])
    })
  })

  it('lets a bot be silent at its start for as long as it has said, and only that start', () => {
    const starting: Observation = { ...WELL, status: 'starting', startExtensionMs: 1_800_000 }
    const restartsAfter = (story: Story) => {
      const { now } = story
      while (!story.did.includes('restart')) story.look(SILENT)
      return story.now - now
    }
    expect(restartsAfter(new Story().look(starting))).to.be.within(1_800_000, 1_860_000)
    expect(restartsAfter(new Story().look(starting).look(WELL))).to.be.within(300_000, 360_000)
    expect(restartsAfter(new Story().look(starting).ends(1))).to.be.within(300_000, 360_000)
  })

  it('says that the restart budget is used up, and when the next restart is due', () => {
    const story = new Story().look(WELL)
    const begun: number[] = []
    while (story.state.incident?.state !== 'needs_attention') {
      story.look(HANGS)
      if (!story.state.isRestarting) continue
      begun.push(story.wall)
      story.restarted(false)
    }
    expect(begun).to.have.length(3)
    expect(story.state.incident.attention).to.deep.equal({
      why: 'restarts_used_up',
      limit: 3,
      nextRestartAt: (begun[0] as number) + WINDOW_MS,
    })
    while (!story.state.isRestarting) story.look(HANGS)
    expect(story.wall, 'and then it is made').to.be.within(
      (begun[0] as number) + WINDOW_MS,
      (begun[0] as number) + WINDOW_MS + 60_000,
    )
    expect(story.state.incident).to.include({ state: 'detected', attention: undefined })
  })

  it('says that restarts are switched off, or that another start would not help', () => {
    const off = new Story({ restarts: false }).look(WELL).look(HANGS).look(HANGS)
    expect(off.state.incident?.attention).to.deep.equal({ why: 'restarts_switched_off', limit: 3 })
    const wrong = new Story().look(WELL).ends(78)
    expect(wrong.state.incident?.attention).to.deep.equal({ why: 'not_retried', limit: 3 })
    expect(wrong.ends(1).state.incident?.attention, 'no more after another try').to.equal(undefined)
    const none = new Story({ maxRestarts: 0 }).look(WELL).look(HANGS).look(HANGS)
    expect(none.state.incident?.attention).to.deep.equal({
      why: 'restarts_used_up',
      limit: 0,
      nextRestartAt: undefined,
    })
  })

  it('counts a restart once it was made, and not where it failed', () => {
    const story = new Story().look(WELL).look(HANGS).look(HANGS)
    expect(story.state.incident).to.include({ restartsBegun: 1, restarts: 0 })
    story.feed({ kind: 'restarting' })
    expect(story.state.incident?.restarts, 'it is about to be made').to.equal(0)
    story.feed({ kind: 'restarted', worked: false, isRestarted: true, wall: story.wall })
    expect(story.state.incident?.restarts).to.equal(1)
    while (!story.state.isRestarting) story.look(HANGS)
    story.feed({ kind: 'restarted', worked: false, isRestarted: false, wall: story.wall })
    expect(story.state.incident).to.include({ restartsBegun: 2, restarts: 1 })
    while (!story.state.isRestarting) story.look(HANGS)
    story.restarted(true)
    expect(story.state.incident).to.include({ state: 'recovered', restarts: 2 })
  })

  it('goes on counting the restarts of an incident of an older version', () => {
    const story = new Story().look(WELL).look(HANGS).look(HANGS)
    const { restarts: _unknown, ...older } = story.state.incident ?? expect.fail()
    story.state = { ...story.state, incident: older }
    expect(story.restarted(true).state.incident?.restarts).to.equal(1)
  })

  it('changes the cause of an open incident to an exit, unless it needs attention', () => {
    const story = new Story().look(WELL).look(HANGS).look(HANGS).restarted(false).ends(null)
    expect(story.state.incident).to.include({ opened: 'hangs', why: 'ended', state: 'detected', exit: null })
    const waits = new Story({ restarts: false }).look(WELL).look(HANGS).look(HANGS).ends(null)
    expect(waits.state.incident).to.include({ why: 'hangs', state: 'needs_attention', ends: 1 })
  })

  it('records how much memory a bot took, and its limit', () => {
    const memory = { used_mb: 512, limit_mb: 300 }
    const fat = { ...WELL, overMemory: true, memory }
    const story = new Story().look(WELL).look(fat).look(fat)
    expect(story.state.incident).to.deep.include({ why: 'memory', memory })
  })
})
