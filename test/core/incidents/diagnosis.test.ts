import { expect } from 'chai'
import { type WhereFacts, whereStuck } from '#core/incidents/diagnosis.js'
import type { Why } from '#core/incidents/incident.js'
import { type LogLine, parseLogLine } from '#core/logging/read/log-query.js'
import type { ProcessUse } from '#core/platform/process/process-tree.js'

const BEGAN = Date.parse('2026-03-01T12:00:00.000Z')

/** A log, a line a second: a word is an info, `!word` an error, an object is a line with more in it. */
function logOf(...lines: (string | object)[]): LogLine[] {
  return lines.map((line, index) => {
    const time = new Date(BEGAN + index * 1000).toISOString()
    if (typeof line === 'object') return parseLogLine(JSON.stringify({ level: 'error', time, ...line }), undefined)
    const [level, msg] = line.startsWith('!') ? ['error', line.slice(1)] : ['info', line]
    return parseLogLine(JSON.stringify({ level, time, msg }), undefined)
  })
}

/** Without the time, which is the reader's own. */
function shown(facts: Partial<WhereFacts>): { what: string; lines: string[] } | undefined {
  const where = whereStuck({
    why: 'silent',
    log: [],
    since: undefined,
    lastCycleAt: undefined,
    program: undefined,
    ...facts,
  })
  return where && { what: where.what, lines: where.lines.map((line) => line.replace(/^\S+ \S+ (?=[A-Z])/, '')) }
}

const blocked = {
  blocked: ['work (file:///bot.mjs:3:7)', 'cycle (file:///bot.mjs:9:3)'],
  msg: 'the event loop is blocked',
}
const free = { level: 'info', blocked: [], msg: 'the event loop runs again' }
const frames = { what: 'Its event loop is blocked.', lines: blocked.blocked }

describe('where a bot is stuck', () => {
  describe('after its exit is told by its last words', () => {
    for (const why of ['ended', 'down', 'settings'] as const)
      it(why, () => {
        expect(shown({ why, log: logOf('begin', '!the disk is full', 'bye') })).to.deep.equal({
          what: 'Its last errors:',
          lines: ['ERROR the disk is full'],
        })
        expect(shown({ why, log: logOf('begin', 'bye') })).to.deep.equal({
          what: 'What it logged last:',
          lines: ['INFO  begin', 'INFO  bye'],
        })
        expect(shown({ why, log: logOf(blocked, 'bye') })?.what, 'a block is over then').to.not.equal(frames.what)
      })
  })

  it('tells that the kernel killed it for lack of memory, which no log has', () => {
    expect(shown({ why: 'ended', log: logOf('eating'), usedUpMb: 512 })).to.deep.equal({
      what: 'The kernel killed a process, since all 512 MB of memory were used up. What it logged last:',
      lines: ['INFO  eating'],
    })
  })

  it('has a full disk first, whatever else is known', () => {
    const full = 'The disk that holds /srv/bot is full: make room there.'
    expect(shown({ why: 'memory', fullDisk: '/srv/bot' })).to.deep.equal({ what: full, lines: [] })
    expect(shown({ why: 'ended', log: logOf('!bye'), fullDisk: '/srv/bot' })).to.deep.equal({
      what: `${full} Its last errors:`,
      lines: ['ERROR bye'],
    })
  })

  it('has only errors of the last minute before the last line, the five latest', () => {
    const calm = Array.from({ length: 61 }, (_, index) => `line ${index}`)
    expect(shown({ log: logOf('!long ago', ...calm) })?.what).to.equal('What it logged last:')
    const errors = Array.from({ length: 9 }, (_, index) => `!error ${index}`)
    expect(shown({ log: logOf(...errors) })?.lines).to.deep.equal([4, 5, 6, 7, 8].map((n) => `ERROR error ${n}`))
  })

  it('is not where the bot before it was, which was killed there', () => {
    const log = logOf('begin', blocked, 'another bot', 'fetching')
    const since = BEGAN + 2000
    expect(shown({ log, since })?.lines).to.deep.equal(['INFO  another bot', 'INFO  fetching'])
    expect(shown({ why: 'hangs', log, since, lastCycleAt: BEGAN + 2500 })).to.deep.equal({
      what: 'Its cycle hangs behind what it logged last.',
      lines: ['INFO  fetching'],
    })
  })

  it('leaves out what is known already: its status', () => {
    expect(shown({ log: logOf('work', 'status: healthy → unhealthy: no cycle') })?.lines).to.deep.equal(['INFO  work'])
    expect(shown({ log: logOf('status: starting', 'status: starting → healthy') })).to.equal(undefined)
  })

  it('is unknown for too much memory, and where there is no log', () => {
    expect(shown({ why: 'memory', log: logOf('work', blocked) })).to.equal(undefined)
    for (const why of ['ended', 'down', 'hangs', 'silent', 'settings'] satisfies Why[])
      expect(shown({ why }), why).to.equal(undefined)
  })

  describe('in a loop', () => {
    const cases: [string, LogLine[], ReturnType<typeof shown>][] = [
      ['has the frames', logOf('work', blocked), frames],
      ['has them also behind other lines', logOf(blocked, 'status: healthy → unhealthy'), frames],
      ['has the latest', logOf({ ...blocked, blocked: ['native'] }, blocked), frames],
      [
        'is not blocked any more when it runs again',
        logOf('work', blocked, free),
        { what: 'What it logged last:', lines: ['INFO  work', `ERROR ${blocked.msg}`, `INFO  ${free.msg}`] },
      ],
      ['is blocked once more', logOf(free, blocked), frames],
      ['is not what a bot calls so itself', logOf({ level: 'info', msg: 'x', blocked: true }), undefined],
      ['is not what it calls so further in', logOf({ level: 'info', msg: 'x', user: { blocked: ['a'] } }), undefined],
    ]
    for (const [what, log, expected] of cases)
      it(what, () => {
        if (expected?.what === frames.what) expect(shown({ log })).to.deep.equal(frames)
        else expect(shown({ log })?.what).to.not.equal(frames.what)
        expect(shown({ why: 'hangs', log })?.what).to.equal(shown({ log })?.what)
      })

    it('passes over an incomplete line', () => {
      const cut = parseLogLine('{"level":"error","blocked":["work (file:///bot', undefined)
      expect(shown({ log: [cut] })?.what).to.not.equal(frames.what)
      expect(shown({ log: [...logOf(blocked), cut] })).to.deep.equal(frames)
    })
  })

  describe('as a program', () => {
    const use = (state: string, more: Partial<ProcessUse> = {}): ProcessUse => {
      return { pid: 7, parent: 1, name: 'python3', rssBytes: 1, cpuPercent: 98, state, ...more }
    }
    const threads = [
      { id: 8, name: 'helper', state: 'S', waits: 'ep_poll' },
      { id: 7, name: 'python3', state: 'S', waits: 'futex_wait_queue' },
    ]
    const cases: [ProcessUse, string][] = [
      [use('R'), 'runs (98 % of a core)'],
      [use('S'), 'waits'],
      [use('S', { threads }), 'waits (futex_wait_queue)'],
      [use('D', { threads }), 'waits for a device (futex_wait_queue)'],
      [use('T'), 'is stopped by a signal'],
      [use('t'), 'is stopped by a debugger'],
      [use('Z'), 'has ended, and nobody has asked how'],
      [use('I'), 'I'],
    ]
    for (const [program, does] of cases)
      it(does, () => {
        for (const why of ['silent', 'hangs'] as const)
          expect(shown({ why, program, log: logOf('loading', 'status: starting') })).to.deep.equal({
            what: `The program python3 (pid 7) ${does}; what it printed last:`,
            lines: ['INFO  loading'],
          })
      })

    it('is told of a blocked loop first: then Catalyst itself is stuck', () => {
      expect(shown({ program: use('S'), log: logOf(blocked) })).to.deep.equal(frames)
    })
  })

  describe('in a cycle', () => {
    const log = logOf('the cycle before', 'stage 1', 'status: healthy → degraded', 'stage 2')

    it('has the stages since the last cycle', () => {
      expect(shown({ why: 'hangs', log, lastCycleAt: BEGAN + 500 })).to.deep.equal({
        what: 'Its cycle hangs behind what it logged last.',
        lines: ['INFO  stage 1', 'INFO  stage 2'],
      })
    })

    it('says that the cycle logged nothing, and shows the lines before', () => {
      expect(shown({ why: 'hangs', log: logOf('the cycle before'), lastCycleAt: BEGAN })).to.deep.equal({
        what: 'Its cycle hangs, and has logged nothing.',
        lines: ['INFO  the cycle before'],
      })
    })

    it('shows the last lines where the end of no cycle is known', () => {
      expect(shown({ why: 'hangs', log: logOf('the first cycle') })?.what).to.equal('What it logged last:')
    })
  })
})
