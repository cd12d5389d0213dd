import { expect } from 'chai'
import fc from 'fast-check'
import {
  type Learned,
  MOST_PEERS,
  NOTHING_LEARNED,
  observe,
  type Sign,
  signsOf,
  startWatch,
} from '#core/bot/signs/signs.js'
import type { Connection } from '#core/bot/signs/sockets.js'

const INTERVAL = 30_000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const THRESHOLD = 5 * MINUTE
const LIMITS = { freezeThresholdMs: THRESHOLD }

/** A program at one moment. */
interface Moment {
  readonly connections?: readonly Partial<Connection>[] | undefined
  readonly cpuSeconds?: number
  readonly isStopped?: boolean
}

/** Watches a program from `from` to `until`, and returns each kind of sign with the time at which it was first seen. */
class Watcher {
  watch = startWatch(NOTHING_LEARNED, 0)
  now = 0
  readonly seen = new Map<Sign['kind'], number>()
  readonly texts: string[] = []

  restart(learned: Learned): void {
    this.watch = startWatch(learned, this.now)
  }

  run(forMs: number, momentAt: (at: number) => Moment): this {
    const end = this.now + forMs
    while (this.now < end) {
      this.now += INTERVAL
      const { connections = [], cpuSeconds = this.now, isStopped = false } = momentAt(this.now)
      const observation = {
        connections: connections.map((one, index) => ({ ...CONNECTION, inode: index + 1, ...one })),
        cpuSeconds,
        isStopped,
      }
      this.watch = observe(this.watch, observation, this.now, LIMITS)
      for (const { kind, text } of signsOf(this.watch, this.now, LIMITS)) {
        if (this.seen.has(kind)) continue
        this.seen.set(kind, this.now)
        this.texts.push(text)
      }
    }
    return this
  }
}

const CONNECTION: Connection = {
  inode: 1,
  local: '10.0.0.2:40000',
  peer: '192.0.2.7:443',
  unreadBytes: 0,
  receivedBytes: 0,
  isInbound: false,
}

/** Bytes that came by a time, of something that comes each `ms`. */
const each = (ms: number, at: number) => Math.floor(at / ms) * 40

describe('the signs of a deaf program', () => {
  describe('in 24 hours of real rhythms', () => {
    const day = 24 * HOUR
    const rhythms: Readonly<Record<string, (at: number) => Moment>> = {
      'a chat bot whose server pings each two minutes': (at) => ({
        connections: [{ receivedBytes: each(2 * MINUTE, at) }],
        cpuSeconds: each(2 * MINUTE, at),
      }),
      'a websocket with a ping each 41 s, and talk in the day only': (at) => ({
        connections: [{ receivedBytes: each(41_250, at) + (at % day < 16 * HOUR ? at : 0) }],
        cpuSeconds: each(41_250, at),
      }),
      'a long poll of 50 s, on a connection that is made anew each hour': (at) => ({
        connections: [{ inode: 1 + Math.floor(at / HOUR), receivedBytes: each(50_000, at % HOUR) }],
        cpuSeconds: each(50_000, at),
      }),
      'a program that asks each 5 min, each time on a new connection': (at) => ({
        connections: at % (5 * MINUTE) < MINUTE ? [{ inode: at, receivedBytes: 900 }] : [],
        cpuSeconds: each(5 * MINUTE, at),
      }),
      'a program that works for ten minutes and sleeps for six hours': (at) => ({
        connections: at % (6 * HOUR) < 10 * MINUTE ? [{ receivedBytes: at }] : [],
        cpuSeconds: Math.floor(at / (6 * HOUR)) * 600 + Math.min(600, Math.floor((at % (6 * HOUR)) / 1000)),
      }),
      'a program that works for two hours and sleeps for the rest of the day': (at) => ({
        cpuSeconds: Math.floor(Math.min(at % day, 2 * HOUR) / 1000),
      }),
      'a server that nobody calls at night': (at) => ({
        connections:
          at % day < 16 * HOUR ? [{ inode: Math.floor(at / MINUTE), receivedBytes: 500, isInbound: true }] : [],
        cpuSeconds: at,
      }),
    }
    for (const [name, moment] of Object.entries(rhythms)) {
      it(`sees none in ${name}`, () => {
        expect([...new Watcher().run(2 * day, moment).seen]).to.deep.equal([])
      })
    }
  })

  const chatting = (at: number): Moment => ({ connections: [{ receivedBytes: each(MINUTE, at) }] })

  it('names data that waits and that nobody reads, after the threshold and one interval, without any learning', () => {
    const stuck = new Watcher().run(10 * MINUTE, chatting)
    const began = stuck.now
    stuck.run(HOUR, (at) => {
      const receivedBytes = each(MINUTE, at)
      return { connections: [{ receivedBytes, unreadBytes: Math.max(0, receivedBytes - each(MINUTE, began)) }] }
    })
    // the first byte comes up to a minute later
    expect(stuck.seen.get('unread')).to.be.within(began + THRESHOLD, began + MINUTE + THRESHOLD + INTERVAL)
    expect(stuck.texts[0]).to.match(
      /^data from 192\.0\.2\.7:443 has been waiting for 5 min( \d+ s)?, and the program reads none of it$/,
    )
  })

  it('takes no full queue that is read from for a sign', () => {
    const busy = new Watcher().run(24 * HOUR, (at) => ({ connections: [{ receivedBytes: at, unreadBytes: 50_000 }] }))
    expect([...busy.seen]).to.deep.equal([])
  })

  it('names a peer that has always sent and is silent, within the longest gaps, the threshold and one interval', () => {
    const silenced = new Watcher().run(2 * HOUR, chatting)
    const began = silenced.now
    silenced.run(HOUR, () => ({ connections: [{ receivedBytes: each(MINUTE, began) }] }))
    expect(silenced.seen.get('silent')).to.be.within(began + THRESHOLD, began + 2 * MINUTE + THRESHOLD + INTERVAL)
    expect(silenced.texts[0]).to.match(/^nothing has come from 192\.0\.2\.7:443 for 7 min; before, at most for 1 min$/)
  })

  it('names the silent one among connections that go on', () => {
    const both = (until: number) => (at: number) => ({
      connections: [{ receivedBytes: each(MINUTE, Math.min(at, until)) }, { peer: '192.0.2.8:443', receivedBytes: at }],
    })
    const silenced = new Watcher().run(3 * HOUR, both(2 * HOUR))
    expect(silenced.texts).to.have.length(1)
    expect(silenced.texts[0]).to.include('192.0.2.7')
  })

  it('has nothing to say of a silence before it has listened for an hour', () => {
    const silenced = new Watcher().run(50 * MINUTE, chatting)
    silenced.run(HOUR, () => ({ connections: [{ receivedBytes: 2000 }] }))
    expect([...silenced.seen]).to.deep.equal([])
  })

  it('names the lack of any connection where there always was one', () => {
    const gone = new Watcher().run(2 * HOUR, chatting)
    const began = gone.now
    gone.run(HOUR, () => ({}))
    expect(gone.seen.get('unconnected')).to.be.within(began + THRESHOLD, began + 2 * INTERVAL + THRESHOLD + INTERVAL)
    expect([...gone.seen.keys()]).to.deep.equal(['unconnected'])
  })

  it('names a stopped program after the threshold, without any learning', () => {
    const stopped = new Watcher().run(MINUTE, chatting)
    const began = stopped.now
    stopped.run(HOUR, (at) => ({ ...chatting(began), isStopped: true, cpuSeconds: began, at }))
    expect(stopped.seen.get('stopped')).to.be.within(began + THRESHOLD, began + THRESHOLD + INTERVAL)
  })

  it('names a program that has used a processor all day and does no more', () => {
    const idle = new Watcher().run(25 * HOUR, () => ({}))
    const began = idle.now
    idle.run(HOUR, () => ({ cpuSeconds: began }))
    expect(idle.seen.get('idle')).to.be.within(began + THRESHOLD, began + 3 * INTERVAL + THRESHOLD)
  })

  it('knows after a restart what it has learned before', () => {
    const silenced = new Watcher().run(2 * HOUR, chatting)
    silenced.restart(silenced.watch.learned)
    silenced.run(2 * MINUTE, chatting)
    const until = silenced.now
    silenced.run(HOUR, () => ({ connections: [{ receivedBytes: each(MINUTE, until) }] }))
    expect(silenced.seen.get('silent')).to.be.at.most(until + 2 * MINUTE + THRESHOLD + INTERVAL)
  })

  it('is not deaf itself after a long silence: the next one is seen within three times the last limit', () => {
    const silence = (from: number, to: number) => (at: number) => ({
      connections: [{ receivedBytes: each(MINUTE, at <= from ? at : at < to ? from : at) }],
    })
    const watcher = new Watcher().run(10 * HOUR, silence(2 * HOUR, 9 * HOUR))
    watcher.seen.clear()
    const until = watcher.now
    watcher.run(HOUR, () => ({ connections: [{ receivedBytes: each(MINUTE, until) }] }))
    expect(watcher.seen.get('silent')).to.be.at.most(until + 3 * (2 * MINUTE + THRESHOLD) + INTERVAL)
  })

  it('sees no connections where the system shows none, and says nothing of them', () => {
    let watch = startWatch(NOTHING_LEARNED, 0)
    for (let now = 0; now < 48 * HOUR; now += INTERVAL)
      watch = observe(watch, { connections: undefined, cpuSeconds: now, isStopped: false }, now, LIMITS)
    expect(signsOf(watch, 48 * HOUR, LIMITS)).to.deep.equal([])
  })

  it('remembers a bounded number of peers', () => {
    const watcher = new Watcher().run(HOUR, (at) => ({
      connections: Array.from({ length: 200 }, (_, index) => ({ peer: `192.0.2.7:${index}`, receivedBytes: at })),
    }))
    expect(Object.keys(watcher.watch.learned.peers)).to.have.length(MOST_PEERS)
  })

  it('sees no sign in any bot that reads what comes and whose gaps repeat', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 20 * MINUTE }), fc.integer({ min: 0, max: 3 }), (gapMs, more) => {
        const peers = Array.from({ length: more + 1 }, (_, index) => `192.0.2.${index}:443`)
        const watcher = new Watcher().run(6 * HOUR, (at) => ({
          connections: peers.map((peer) => ({ peer, receivedBytes: each(gapMs, at) })),
          cpuSeconds: each(gapMs, at),
        }))
        expect([...watcher.seen]).to.deep.equal([])
      }),
      { numRuns: 40 },
    )
  })
})
