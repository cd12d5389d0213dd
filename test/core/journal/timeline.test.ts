import { expect } from 'chai'
import type { CatalystError } from '#core/errors.js'
import { entryText, timeline } from '#core/journal/timeline.js'
import { anEntry } from '../../support/builders/journal-entry.js'
import { expectGolden } from '../../support/golden.js'

const at = (minute: number, kind: string, details: Record<string, unknown> = {}) =>
  anEntry(kind, { time: `2026-03-01T12:0${minute}:00.000Z`, ...details })
const ENTRIES = [
  at(0, 'bot.start'),
  at(1, 'deploy.begin'),
  at(1, 'deploy.step'),
  at(2, 'deploy.end'),
  at(3, 'deployed'),
  at(4, 'bot.crash'),
  at(5, 'rating'),
]
const kinds = (options: Parameters<typeof timeline>[1]) => timeline(ENTRIES, options).map(({ kind }) => kind)

describe('the history of events', () => {
  it('shows all events in order, without the many steps of deployments', () => {
    expect(kinds({})).to.deep.equal(['bot.start', 'deploy.begin', 'deploy.end', 'deployed', 'bot.crash', 'rating'])
  })

  it('shows one kind, or a group, and never a kind that only begins alike', () => {
    expect(kinds({ kind: 'bot.crash' })).to.deep.equal(['bot.crash'])
    expect(kinds({ kind: 'bot' })).to.deep.equal(['bot.start', 'bot.crash'])
    expect(kinds({ kind: 'deploy' })).to.deep.equal(['deploy.begin', 'deploy.end'])
    expect(kinds({ kind: 'deploy.step' })).to.deep.equal(['deploy.step'])
    expect(kinds({ kind: 'nothing.such' })).to.deep.equal([])
  })

  it('begins at the requested moment, inclusive', () => {
    const sinceMs = Date.parse('2026-03-01T12:04:00.000Z')
    expect(kinds({ sinceMs })).to.deep.equal(['bot.crash', 'rating'])
    expect(kinds({ sinceMs, kind: 'bot' })).to.deep.equal(['bot.crash'])
    expect(kinds({ sinceMs: sinceMs + 3600_000 })).to.deep.equal([])
  })

  it('never hides an event with an unreadable time', () => {
    const odd = { ...at(0, 'bot.start'), time: 'some time' }
    expect(timeline([odd], { sinceMs: Date.now() })).to.deep.equal([odd])
  })

  for (const kind of ['', '-f', 'Bot', 'bot crash', 'bot*', '../x', '1'])
    it(`is not looked for as ${JSON.stringify(kind)}`, () => {
      expect(() => timeline(ENTRIES, { kind }))
        .to.throw()
        .that.satisfies((error: CatalystError) => error.code === 'USAGE' && error.exit === 2)
    })

  it('describes each kind of event in words', () => {
    const entries = [
      at(0, 'bot.start', { pid: 7, release: 'v1-0011aabb' }),
      at(0, 'bot.start', { pid: 7, release: null }),
      at(0, 'bot.stop', { pid: 7, asked_by: 'SIGTERM', ran_seconds: 12 }),
      at(0, 'bot.stop', { exit: 0, asked_by: 'control', ran_seconds: 12, program_exit: 'exited' }),
      at(0, 'bot.stop', { exit: 9, asked_by: 'control', ran_seconds: 12, program_exit: 'exited' }),
      at(0, 'bot.stop', { exit: 130, asked_by: 'control', ran_seconds: 12, program_exit: 'signal', signal: 'SIGINT' }),
      at(0, 'bot.stop', { exit: 137, asked_by: 'control', ran_seconds: 12, program_exit: 'killed' }),
      at(0, 'bot.exit', { exit: 3, ran_seconds: 12 }),
      at(0, 'bot.exit', { exit: 1, ran_seconds: 12, error: "KeyError: 'token'" }),
      at(0, 'bot.crash', { exit: 1, error: 'TypeError: x' }),
      at(0, 'bot.lost', { pid: 7, since: '2026-03-01T11:00:00.000Z' }),
      at(0, 'bot.refused', { exit: 78 }),
      at(0, 'bot.wait', {
        pid: 7,
        until: '2026-03-01T12:10:00.000Z',
        reason: 'it exited 9 times within minutes (exit code 1)',
      }),
      at(0, 'deploy.begin', { what: 'deployment', release: 'v2-1a2b3c4d', from: 'v1-0011aabb', by: 'ann' }),
      at(0, 'deploy.begin', { what: 'deployment', release: 'v2-1a2b3c4d', from: null, by: 'ann' }),
      at(0, 'deploy.step', { step: 'gate', state: 'failed', reason: 'it crashed' }),
      at(0, 'deploy.step', { step: 'seal', state: 'done' }),
      at(0, 'deploy.recover', { what: 'rollback', release: 'v2-1a2b3c4d', direction: 'back' }),
      at(0, 'deploy.end', {
        what: 'deployment',
        release: 'v2-1a2b3c4d',
        outcome: 'deployed',
        active: 'v2-1a2b3c4d',
        seconds: 31.5,
        downtime_seconds: 1.2,
      }),
      at(0, 'deploy.end', {
        what: 'rollback',
        release: 'v2-1a2b3c4d',
        outcome: 'rolled_back',
        active: null,
        seconds: 3,
        downtime_seconds: null,
        reason: 'it crashed',
      }),
      at(0, 'rating', { release: 'v2-1a2b3c4d', rating: 'bad', reason: 'it crashed' }),
      at(0, 'backup', { backup: '20260301T120000000Z', reason: 'by hand' }),
      at(0, 'restore', { backup: '20260301T120000000Z' }),
      at(0, 'incident', {
        incident: '20260301T120000000Z-hangs',
        why: 'hangs',
        state: 'detected',
        ends: 0,
        restarts: 0,
      }),
      at(0, 'incident', {
        incident: '20260301T120000000Z-ended',
        why: 'ended',
        crash_loop: true,
        state: 'detected',
        ends: 6,
        restarts: 0,
      }),
      at(0, 'service.install', { name: 'CatalystBot', role: 'bot', manager: 'systemd', scope: 'user', by: 'ann' }),
      ...['start', 'stop', 'restart', 'uninstall'].map((verb) =>
        at(0, `service.${verb}`, { name: 'CatalystBot', role: 'bot', by: 'ann' }),
      ),
      at(0, 'something.else', { word: 'x', ports: [1, 2] }),
    ]
    expectGolden('journal/words.txt', `${entries.map(entryText).join('\n')}\n`)
  })
})
