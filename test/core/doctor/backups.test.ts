import { expect } from 'chai'
import { judgeBackups } from '#core/doctor/checks/backups.js'

const sound = {
  last_good: '2026-03-01T12:00:00.000Z',
  last_good_age_seconds: 3600,
  last_outcome: 'good',
  last_good_test: '2026-03-01T12:00:00.000Z',
  last_good_test_age_seconds: 7200,
  fault: null,
} as const

describe('doctor about backups', () => {
  it('is content where none are set up, and where they are young and tested', () => {
    expect([judgeBackups(null), judgeBackups(sound)].flat().map(({ state }) => state)).to.deep.equal(['ok', 'ok'])
  })

  it('tells how to begin, how to test, and what is wrong', () => {
    const judged = [
      judgeBackups({ ...sound, last_outcome: null }),
      judgeBackups({ ...sound, last_good_test_age_seconds: null }),
      judgeBackups({ ...sound, fault: 'too old.' }),
    ].flat()
    expect(judged.map(({ state, command }) => [state, command])).to.deep.equal([
      ['warning', 'catalyst backup run --init'],
      ['warning', 'catalyst backup check'],
      ['fault', 'catalyst backup run'],
    ])
  })
})
