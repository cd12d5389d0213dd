import { expect } from 'chai'
import { homesLines, sharedTokenText } from '#cli/status/homes-text.js'
import { widthOf } from '#cli/width.js'
import type { Glance } from '#core/condition/glance.js'
import { expectGolden } from '../../support/golden.js'

/** Returns a home whose bot works, with what differs from that. */
function aGlance(changes: Partial<Glance> = {}): Glance {
  return {
    home: '/srv/news',
    name: 'NewsBot',
    health: { status: 'healthy', reasons: [] },
    stopped_by: null,
    paused: null,
    pid: 7,
    uptime_seconds: 11_400,
    restarts: 1,
    cpu_ratio: 0.034,
    memory_bytes: 82 * 1024 * 1024,
    release: 'v1.3.0-1a2b3c4d',
    last_cycle_seconds_ago: 3,
    ...changes,
  }
}

const DOWN = {
  ...{ pid: null, uptime_seconds: null, cpu_ratio: null, memory_bytes: null, last_cycle_seconds_ago: null },
  health: { status: 'unreachable', reasons: [] },
} as const

describe('the list of homes', () => {
  const HOMES = [
    aGlance(),
    aGlance({ ...DOWN, name: 'Prices', home: '/srv/prices', release: null }),
    aGlance({ ...DOWN, name: 'Old', home: '/srv/old', stopped_by: { by: 'ann', at: '2026-03-01T12:00:00.000Z' } }),
    aGlance({
      ...DOWN,
      name: 'Other',
      home: '/home/bob/x',
      health: { status: 'unknown', reasons: [] },
      restarts: null,
    }),
  ]

  it('has a row for each', () => {
    const text = homesLines({ homes: HOMES }).map((line) => line.text)
    expectGolden('status/homes.txt', `${text.join('\n')}\n`)
  })

  for (const width of [80, 60, 40])
    it(`leaves out what matters least on ${width} columns`, () => {
      const text = homesLines({ homes: HOMES }, width).map((line) => line.text)
      for (const line of text) expect(widthOf(line), line).to.be.at.most(width)
      expectGolden(`status/homes-${width}.txt`, `${text.join('\n')}\n`)
    })

  it('colors what does not work, but not what was stopped on purpose', () => {
    expect(homesLines({ homes: HOMES }).map(({ color }) => color)).to.deep.equal([
      undefined,
      undefined,
      'red',
      undefined,
      'yellow',
    ])
  })

  it('without any tells how one comes about', () => {
    expect(homesLines({ homes: [] })[0]?.text).to.contain('catalyst init')
  })

  it('names the homes that share a token', () => {
    expect(sharedTokenText({ homes: ['/a', '/b', '/c'], settings: ['X', 'Y'] })).to.match(
      /^\/a, \/b and \/c have the same bot token \(X, Y\)/,
    )
  })
})
