import { expect } from 'chai'
import { judgeBackups, judgeSettingsBackups } from '#core/doctor/checks/backups.js'

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
      judgeBackups({ ...sound, last_outcome: 'failed' }),
      judgeBackups({ ...sound, fault: 'too old.' }),
    ].flat()
    expect(judged.map(({ state, command }) => [state, command])).to.deep.equal([
      ['warning', 'catalyst backup run --init'],
      ['warning', 'catalyst backup check'],
      ['warning', 'catalyst backup run'],
      ['fault', 'catalyst backup run'],
    ])
  })
})

describe('doctor about backups of the settings', () => {
  const said = (plain: number, recipient?: string) =>
    judgeSettingsBackups({ plain, recipient }).map(({ state, text, command }) => [state, text, command])

  it('says that they are plain text, which is the default', () => {
    expect(said(2)).to.deep.equal([
      ['ok', '2 backups of the settings, in plain text, for the owner alone to read', null],
    ])
  })

  it('warns of plain ones where they are to be sealed, until the next one has sealed them', () => {
    expect(said(1, 'age1x')).to.deep.equal([
      [
        'warning',
        '1 backup of the settings in plain text, from before they are sealed: the next one seals them',
        'catalyst deploy backup',
      ],
    ])
    expect(said(0, 'age1x')).to.deep.equal([['ok', 'backups of the settings are sealed', null]])
  })
})
