import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  NOTHING_LEARNED,
  observe,
  type ProgramObservation,
  type Sign,
  signsOf,
  startWatch,
} from '#core/bot/signs/signs.js'
import type { Connection } from '#core/bot/signs/sockets.js'
import { ROOT } from '../../../support/e2e/root.js'

/** One look at a real program, as it was recorded each 10 s for 20 minutes. */
interface Recorded {
  readonly connections: readonly Omit<Connection, 'local'>[]
  readonly cpuSeconds: number
  readonly isStopped: boolean
}

const RECORDINGS: Readonly<Record<string, readonly Recorded[]>> = JSON.parse(
  fs.readFileSync(join(ROOT, 'test', 'fixtures', 'rhythms.json'), 'utf8'),
)
const RECORDED_MS = 10_000
const INTERVAL_MS = 30_000
const DAY_MS = 24 * 3_600_000
const LIMITS = { freezeThresholdMs: 300_000 }

/** Returns what is observed at a time: the recording again and again, with its counters going on. */
function replay(recording: readonly Recorded[], at: number): ProgramObservation {
  const index = Math.floor(at / RECORDED_MS)
  const round = Math.floor(index / recording.length)
  const { connections, cpuSeconds, isStopped } = recording[index % recording.length] as Recorded
  const last = recording.at(-1) as Recorded
  const bytesOf = (peer: string) => last.connections.find((one) => one.peer === peer)?.receivedBytes ?? 0
  return {
    connections: connections.map((one) => ({
      ...one,
      local: '127.0.0.1:40000',
      receivedBytes: one.receivedBytes + round * bytesOf(one.peer),
    })),
    cpuSeconds: cpuSeconds + round * last.cpuSeconds,
    isStopped,
  }
}

/** Watches the replay of a recording, and returns the signs that were seen. `look` changes what is seen. */
function watchDay(
  recording: readonly Recorded[],
  look = (observation: ProgramObservation, _at: number) => observation,
) {
  const seen: { kind: Sign['kind']; at: number }[] = []
  let watch = startWatch(NOTHING_LEARNED, 0)
  for (let at = INTERVAL_MS; at <= DAY_MS; at += INTERVAL_MS) {
    watch = observe(watch, look(replay(recording, at), at), at, LIMITS)
    for (const { kind } of signsOf(watch, at, LIMITS))
      if (!seen.some((one) => one.kind === kind)) seen.push({ kind, at })
  }
  return seen
}

describe('24 hours of a recorded program', () => {
  for (const [name, recording] of Object.entries(RECORDINGS)) {
    it(`have no sign: ${name}`, () => expect(watchDay(recording)).to.deep.equal([]))
  }

  const QUIET_AT = 12 * 3_600_000
  /** The longest time until a sign is said: two of the longest gaps, the threshold and an interval. */
  const seenWithin = (gapMs: number) => QUIET_AT + 2 * gapMs + LIMITS.freezeThresholdMs + INTERVAL_MS

  for (const [name, gapMs] of [
    ['an IRC bot on an idle channel', 150_000],
    ['a long poll', 90_000],
    ['a websocket with pings', 60_000],
  ] as const) {
    const recording = RECORDINGS[name] as readonly Recorded[]

    it(`have a sign within the threshold once the server is silent: ${name}`, () => {
      const before = replay(recording, QUIET_AT)
      const seen = watchDay(recording, (observation, at) => (at < QUIET_AT ? observation : before))
      expect(seen[0]?.kind).to.equal('silent')
      expect(seen[0]?.at).to.be.at.most(seenWithin(gapMs))
    })

    it(`have a sign within the threshold once nobody reads: ${name}`, () => {
      const { connections = [] } = replay(recording, QUIET_AT)
      const seen = watchDay(recording, (observation, at) =>
        at < QUIET_AT
          ? observation
          : {
              ...observation,
              connections: connections.map((one) => ({ ...one, receivedBytes: one.receivedBytes + 9, unreadBytes: 9 })),
            },
      )
      expect(seen.find(({ kind }) => kind === 'unread')?.at).to.be.at.most(seenWithin(0))
    })

    it(`have a sign within the threshold once there is no connection: ${name}`, () => {
      const seen = watchDay(recording, (observation, at) =>
        at < QUIET_AT ? observation : { ...observation, connections: [] },
      )
      expect(seen[0]?.kind).to.equal('unconnected')
      expect(seen[0]?.at).to.be.at.most(seenWithin(INTERVAL_MS))
    })
  }
})
