import { expect } from 'chai'
import { dueAlert } from '#core/backup/backup-alert.js'
import { type BackupState, backupFault, isTestDue } from '#core/backup/backup-state.js'
import { readConfig } from '#core/config/load.js'

const HOUR = 3_600_000
const NOW = Date.parse('2026-03-01T12:00:00Z')
const { settings } = readConfig('/nowhere', { BACKUP_REPOSITORY: '/backups', BACKUP_PASSWORD: 'x' })
const good = (hours: number): BackupState => ({
  since: NOW - 1000 * HOUR,
  last_run: { at: NOW - hours * HOUR, outcome: 'good', why: null },
  last_good: { at: NOW - hours * HOUR, backup: 'a' },
  last_test: null,
  last_good_test: null,
})
const textOf = (state: BackupState | undefined) => backupFault(state, settings, NOW)?.text
const facts = { bot: 'try', environment: 'production', host: 'here', release: null }

describe('the state of backups', () => {
  it('is no fault while none was ever tried, or the newest good one is young enough', () => {
    expect([textOf(undefined), textOf(good(35))]).to.deep.equal([undefined, undefined])
  })

  it('is a fault once the newest good one is older than promised, with why the last try failed', () => {
    const state: BackupState = { ...good(37), last_run: { at: NOW, outcome: 'failed', why: 'no room' } }
    expect(textOf(state)).to.equal('The newest good backup is 1 d 13 h old. The last try: no room')
  })

  it('is a fault where no good one follows the first try', () => {
    const never: BackupState = { ...good(1), last_good: null }
    expect(textOf({ ...never, since: NOW - HOUR })).to.equal(undefined)
    expect(textOf(never)).to.match(/^There is no good backup since the first try/)
  })

  it('is a fault where the clock says that the newest good one is still to come', () => {
    expect(textOf(good(-0.5))).to.equal(undefined)
    expect(textOf(good(-48))).to.include('the clock was set')
  })

  it('is a fault after a restore test that failed, however young the backup is', () => {
    expect(textOf({ ...good(1), last_test: { at: NOW, backup: 'a', fault: 'damaged' } })).to.include('damaged')
  })

  it('makes a restore test due by BACKUP_TEST_DAYS, a little before its time', () => {
    const tested = (hours: number) => ({ ...good(1), last_good_test: { at: NOW - hours * HOUR, backup: 'a' } })
    const due = (state: BackupState, days = 7) => isTestDue(state, { ...settings, BACKUP_TEST_DAYS: days }, NOW)
    expect([due(good(1)), due(tested(24 * 7 - 1)), due(tested(24 * 6))]).to.deep.equal([true, true, false])
    expect(due(good(1), 0)).to.equal(false)
  })
})

describe('the alert about backups', () => {
  const age = (text: string) => ({ kind: 'age', text }) as const

  it('is sent once, edited at another fault, and ended once', () => {
    const first = dueAlert(age('37 h old'), undefined, { facts, now: NOW })
    expect(first?.alert).to.include({ tone: 'bad', description: '37 h old' })
    const open = first?.open ?? undefined
    expect(dueAlert(age('38 h old'), open, { facts, now: NOW })).to.equal(undefined)
    expect(dueAlert({ kind: 'test', text: 'damaged' }, open, { facts, now: NOW })).to.deep.include({ id: first?.id })
    const over = dueAlert(undefined, open, { facts, now: NOW + HOUR })
    expect(over).to.deep.include({ id: first?.id, open: null })
    expect(over?.alert.description).to.equal('They were not for 1 h: 37 h old')
    expect(dueAlert(undefined, undefined, { facts, now: NOW })).to.equal(undefined)
  })
})
