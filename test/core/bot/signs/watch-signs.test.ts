import { join } from 'node:path'
import { expect } from 'chai'
import { readLearned } from '#core/bot/signs/learned-file.js'
import { NOTHING_LEARNED, type ProgramObservation, type Sign, signsOf } from '#core/bot/signs/signs.js'
import { watchSigns } from '#core/bot/signs/watch-signs.js'
import { writeAtomically } from '#core/platform/fs/write-files.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { tempFolder } from '../../../support/temp.js'

describe('watching a program for signs', () => {
  const HOUR = 3_600_000
  let clock: FakeClock
  let file: string
  let signs: readonly Sign[]

  beforeEach(() => {
    clock = new FakeClock()
    file = join(tempFolder(), 'rhythm.json')
    signs = []
  })

  /** Watches a program that hears something each second, until it is silenced. */
  const start = (release: string | null, observeNow: () => ProgramObservation | undefined) =>
    watchSigns(clock, {
      pid: 1,
      release,
      file,
      freezeThresholdMs: 300_000,
      observeNow: async () => observeNow(),
      onObservation: (watch, now) => {
        signs = signsOf(watch, now, { freezeThresholdMs: 300_000 })
      },
    })
  const observation = (receivedBytes: number): ProgramObservation => ({
    connections: [
      { inode: 1, local: '10.0.0.2:4000', peer: '192.0.2.7:443', unreadBytes: 0, receivedBytes, isInbound: false },
    ],
    cpuSeconds: receivedBytes,
    isStopped: false,
  })

  it('keeps what it has learned of a release, and knows it in its next run', async () => {
    const stop = start('v1', () => observation(clock.monotonic()))
    await clock.turn(2 * HOUR)
    stop()
    const learned = readLearned(file, 'v1')
    expect(Object.keys(learned.peers)).to.deep.equal(['192.0.2.7:443'])

    let heard = 1
    const stopAgain = start('v1', () => observation(heard++))
    await clock.turn(90_000)
    heard = 1000
    const silent = observation(1000)
    stopAgain()
    const stopSilent = start('v1', () => silent)
    await clock.turn(600_000)
    stopSilent()
    expect(signs.map(({ kind }) => kind)).to.deep.equal(['silent'])
  })

  it('looks each 5 s while a first proof is awaited, then each 30 s', async () => {
    const looks: number[] = []
    const stop = watchSigns(clock, {
      pid: 1,
      release: null,
      file,
      freezeThresholdMs: 300_000,
      isAwaited: () => looks.length < 3,
      observeNow: async () => observation(1),
      onObservation: (_, now) => looks.push(now),
    })
    const began = clock.monotonic()
    await clock.turn(80_000)
    stop()
    await clock.turn(80_000)
    expect(looks.map((at) => at - began)).to.deep.equal([5000, 10_000, 15_000, 45_000, 75_000])
  })

  it('learns anew of another release', async () => {
    const stop = start('v1', () => observation(clock.monotonic()))
    await clock.turn(2 * HOUR)
    stop()
    expect(readLearned(file, 'v2')).to.deep.equal(NOTHING_LEARNED)
    expect(readLearned(file, null)).to.deep.equal(NOTHING_LEARNED)
  })

  it('learns anew where the file is damaged', () => {
    for (const text of [
      '',
      '{',
      '[]',
      '{"release":"v1"}',
      '{"release":"v1","peers":{"a":1},"connected":{},"cpu":{}}',
    ]) {
      writeAtomically(file, text)
      expect(readLearned(file, 'v1')).to.deep.equal(NOTHING_LEARNED)
    }
  })

  it('says nothing more once it is stopped, and of a program that has exited', async () => {
    let calls = 0
    const stop = watchSigns(clock, {
      pid: 1,
      release: null,
      file,
      freezeThresholdMs: 3000,
      observeNow: async () => undefined,
      onObservation: () => {
        calls++
      },
    })
    await clock.turn(60_000)
    stop()
    await clock.turn(60_000)
    expect(calls).to.equal(0)
  })
})
