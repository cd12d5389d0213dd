import { expect } from 'chai'
import { type IncidentState, isCrashLoop } from '#core/watchdog/incident.js'
import {
  CONFIRM_MS,
  type Event,
  initialState,
  type Reading,
  type Rules,
  rescuesLeft,
  type State,
  step,
  WINDOW_MS,
} from '#core/watchdog/policy.js'
import { RULES } from '../../support/watchdog-rules.js'

const WALL = Date.parse('2026-03-01T12:00:00Z')

const WELL: Reading = {
  status: 'healthy',
  process: 'running',
  exit: null,
  stoppedOnPurpose: false,
  deploying: false,
  online: true,
  overMemory: false,
}
const SILENT: Reading = { ...WELL, status: undefined }
const HANGS: Reading = { ...WELL, status: 'unhealthy' }
const FAILED: Reading = { ...SILENT, process: 'failed', exit: 1 }

/** Feeds events one after the other, each so long after the one before, and writes down what comes of it. */
class Story {
  state: State
  readonly rules: Rules
  readonly did: string[] = []
  now = 0
  wall = WALL

  constructor(rules: Partial<Rules> = {}, kept: Parameters<typeof initialState>[2] = {}) {
    this.rules = { ...RULES, ...rules }
    this.state = initialState(0, this.rules, kept)
  }

  /** Looks after so many seconds; by default when the policy wants to. */
  look(reading: Reading, seconds?: number): this {
    const due = this.state.due?.now ?? this.now
    const ms = seconds === undefined ? due - this.now : seconds * 1000
    this.pass(ms)
    return this.feed({ kind: 'reading', reading, wall: this.wall, tookMs: 0 })
  }

  ends(exit: number | null): this {
    return this.feed({ kind: 'ended', exit, wall: this.wall })
  }

  rescued(worked: boolean): this {
    this.feed({ kind: 'restarting' })
    return this.feed({ kind: 'rescued', worked, wall: this.wall })
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
      if (effect.do === 'tell')
        this.did.push(`${effect.incident.why}: ${effect.incident.state satisfies IncidentState}`)
      if (effect.do === 'rescue') this.did.push('rescue')
    }
    return this
  }
}

describe('the policy of the watchdog', () => {
  it('says nothing and does nothing while all is well', () => {
    const story = new Story()
    for (let look = 0; look < 100; look++) story.look(WELL)
    expect(story.did).to.deep.equal([])
    expect(story.state.due?.now).to.equal(story.now + RULES.intervalMs)
  })

  it('rescues after two unhealthy answers ten seconds apart, and tells each step once', () => {
    const story = new Story().look(WELL).look(HANGS)
    expect(story.did).to.deep.equal([])
    expect((story.state.due?.now ?? 0) - story.now).to.equal(CONFIRM_MS)
    story.look(HANGS)
    expect(story.did).to.deep.equal(['hangs: detected', 'rescue'])
    story.rescued(true)
    expect(story.did.slice(2)).to.deep.equal(['hangs: restarting', 'hangs: recovered'])
  })

  it('does not rescue for one unhealthy answer, nor where nothing outside can be reached', () => {
    const story = new Story().look(WELL).look(HANGS).look(WELL).look(HANGS)
    for (let look = 0; look < 9; look++) story.look({ ...HANGS, online: false })
    expect(story.did).to.deep.equal([])
  })

  it('rescues after the threshold of silence, counted from the last good answer, offline too', () => {
    const story = new Story().look(WELL, 600)
    const goodAt = story.now
    while (story.did.length === 0) story.look({ ...SILENT, online: false })
    expect(story.did).to.deep.equal(['silent: detected', 'rescue'])
    expect(story.now - goodAt).to.equal(RULES.thresholdMs)
  })

  it('has patience with a start, but none any more with a bot that has worked', () => {
    const story = new Story({ startTimeoutMs: 3_600_000 }).look(WELL)
    while (story.did.length === 0) story.look(SILENT)
    expect(story.now).to.equal(RULES.thresholdMs)
    const starting = new Story({ startTimeoutMs: 3_600_000 })
    while (starting.did.length === 0) starting.look(SILENT)
    expect(starting.now).to.be.within(3_600_000, 3_600_000 + RULES.intervalMs)
  })

  it('acts at most three times in any hour, then asks for a person once, and goes on when the hour is over', () => {
    const story = new Story()
    for (let rescue = 0; rescue < 3; rescue++) {
      while (!story.state.isRescuing) story.look(SILENT)
      story.pass(RULES.startTimeoutMs).rescued(false)
    }
    expect(rescuesLeft(story.state, story.now, story.rules)).to.equal(0)
    const told = story.did.length
    for (let look = 0; look < 30; look++) story.look(SILENT)
    expect(story.did.slice(told)).to.deep.equal(['silent: needs you'])
    const oldest = story.state.rescues[0] ?? 0
    while (!story.state.isRescuing) story.look(SILENT)
    expect(story.now - oldest).to.be.within(WINDOW_MS, WINDOW_MS + RULES.intervalMs)
  })

  it('remembers across its own restart what it has used up', () => {
    const story = new Story({}, { rescues: [-1000, -500, -1] })
    for (let look = 0; look < 9; look++) story.look(SILENT)
    expect(story.did).to.deep.equal(['silent: needs you'])
  })

  it('leaves alone what was stopped on purpose or is being deployed, and has patience afterwards', () => {
    for (const held of [{ stoppedOnPurpose: true }, { deploying: true }, { process: 'stopped' as const }]) {
      const story = new Story().look(WELL)
      for (let look = 0; look < 60; look++) story.look({ ...SILENT, ...held })
      story.ends(1)
      expect(story.did, JSON.stringify(held)).to.deep.equal([])
      story.look(SILENT)
      expect(story.state.patientUntil).to.equal(story.now + RULES.startTimeoutMs)
    }
  })

  it('starts a service that has failed once its manager had time to, but not one with wrong settings', () => {
    const story = new Story().look(WELL).look(FAILED).look(FAILED, 5)
    expect(story.did).to.deep.equal([])
    expect(story.look(FAILED, 5).did).to.deep.equal(['down: detected', 'rescue'])
    for (const exit of [77, 78]) {
      const hopeless = new Story().look(WELL)
      for (let look = 0; look < 9; look++) hopeless.look({ ...FAILED, exit })
      expect(hopeless.did).to.deep.equal(['settings: needs you'])
      expect(rescuesLeft(hopeless.state, hopeless.now, RULES)).to.equal(3)
    }
  })

  it('has one incident for ends in a row, which spend no budget, and calls the fifth a loop', () => {
    const story = new Story().look(WELL)
    for (let end = 1; end <= 50; end++) {
      story.pass(30_000).ends(1)
      expect(isCrashLoop(story.state.incident as never)).to.equal(end >= 5)
      story.look(WELL, 5)
    }
    expect(new Set([story.state.incident?.id]).size).to.equal(1)
    expect(story.state.incident?.ends).to.equal(50)
    expect(rescuesLeft(story.state, story.now, RULES)).to.equal(3)
    story.pass(11 * 60_000).ends(1)
    expect(story.state.incident?.ends, 'a later one is another').to.equal(1)
  })

  it('leaves a start to whoever keeps the bot, however long the pause before it is', () => {
    const waits: Reading = { ...SILENT, process: 'restarting' }
    const story = new Story().look(WELL).ends(1)
    for (let look = 0; look < 60; look++) story.look(waits, 10)
    expect(story.did).to.deep.equal(['ended: detected'])
    for (let look = 0; look < 8; look++) story.look(SILENT, 60)
    expect(story.did.join()).to.contain('silent')
  })

  it('has one incident for ends in a row, also when silence came between', () => {
    const story = new Story().look(WELL).ends(1)
    const first = story.state.incident?.id
    for (let look = 0; look < 8; look++) story.look(SILENT, 60)
    story.feed({ kind: 'rescued', worked: true, wall: story.wall })
    expect(story.state.incident).to.include({ id: first, why: 'silent', state: 'recovered' })
    story.ends(1)
    expect(story.state.incident).to.include({ id: first, ends: 2 })
  })

  it('counts anew after the machine slept, on whichever clock it shows', () => {
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

  it('gives a bot that hangs after a long sleep its time, since no cycle could end meanwhile, and no more', () => {
    const asleep = new Story()
      .look(WELL)
      .pass(8 * 60 * 60_000)
      .look(HANGS, 0)
    const wokeAt = asleep.now
    while (asleep.did.length === 0) asleep.look(HANGS)
    expect(asleep.did).to.deep.equal(['hangs: detected', 'rescue'])
    expect(asleep.now - wokeAt).to.be.within(RULES.startTimeoutMs, RULES.startTimeoutMs + RULES.intervalMs + CONFIRM_MS)
  })

  it('takes a bot that has worked since a sleep for one that is awake', () => {
    const awake = new Story({ startTimeoutMs: 60 * 60_000 })
      .look(WELL)
      .pass(8 * 60 * 60_000)
      .look(HANGS, 0)
      .look(WELL)
    const workedAt = awake.now
    while (awake.did.length === 0) awake.look(HANGS)
    expect(awake.now - workedAt).to.be.at.most(RULES.intervalMs + CONFIRM_MS)
  })

  it('takes an end for a new incident although the clock was set back since the last one', () => {
    const story = new Story().look(WELL).ends(1).look(WELL)
    const first = story.state.incident?.id
    story.wall -= 8 * 60 * 60_000
    for (let look = 0; look < 12; look++) story.look(WELL)
    story.ends(1)
    expect(story.state.incident).to.include({ state: 'detected', ends: 1 })
    expect(story.state.incident?.id).not.to.equal(first)
  })

  it('only tells where it may not restart', () => {
    const story = new Story({ restarts: false }).look(WELL)
    for (let look = 0; look < 20; look++) story.look(HANGS)
    expect(story.look(WELL).did).to.deep.equal(['hangs: needs you', 'hangs: recovered'])
  })

  it('ends a bot that was too large for a minute', () => {
    const fat = { ...WELL, overMemory: true }
    const story = new Story().look(WELL).look(fat).look(WELL).look(fat)
    expect(story.did).to.deep.equal([])
    expect(story.look(fat).did).to.deep.equal(['memory: detected', 'rescue'])
  })
})
