import { expect } from 'chai'
import { localTime, withFlags } from '#core/text.js'

describe('a time for people', () => {
  it('uses their own time zone, and not UTC', () => {
    const { TZ } = process.env
    process.env.TZ = 'Asia/Kolkata'
    try {
      expect([localTime(0), localTime('2026-03-01T20:00:00.000Z')]).to.deep.equal([
        '1970-01-01 05:30:00',
        '2026-03-02 01:30:00',
      ])
    } finally {
      process.env.TZ = TZ
    }
  })

  it('is a dash if there is none', () => {
    for (const none of [null, undefined, '', 'yesterday']) expect(localTime(none), String(none)).to.equal('-')
  })
})

describe('a command line', () => {
  it('gets another flag before --', () => {
    expect(withFlags(['deploy', 'restore', 'x'], '--yes')).to.deep.equal(['deploy', 'restore', 'x', '--yes'])
    expect(withFlags(['deploy', 'restore', '--', 'x'], '--yes')).to.deep.equal([
      'deploy',
      'restore',
      '--yes',
      '--',
      'x',
    ])
  })
})
