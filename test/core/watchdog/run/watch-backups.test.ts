import fs from 'node:fs'
import { expect } from 'chai'
import type { Logger } from 'pino'
import type { Alert } from '#core/alerts/alert.js'
import { updateBackupState } from '#core/backup/backup-state.js'
import { watchBackups } from '#core/watchdog/run/watch-backups.js'
import { aHome } from '../../../support/builders/home.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { removeTempFolders } from '../../../support/temp.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('the watchdog and the backups of a home', () => {
  afterEach(removeTempFolders)

  function watched(env = 'BACKUP_REPOSITORY=/backups\nBACKUP_PASSWORD=x\nBACKUP_MAX_AGE_HOURS=1\n') {
    const clock = new FakeClock()
    const home = aHome({ clock, env })
    const shown: { id: string; alert: Alert }[] = []
    const warned: string[] = []
    const log = { warn: (text: string) => void warned.push(text) } as unknown as Logger
    const alerts = { show: (id: string, alert: Alert) => void shown.push({ id, alert }) }
    const watch = () => watchBackups(clock, { paths: home.paths, alerts, log })
    const good = () =>
      updateBackupState(home, clock.now(), {
        last_run: { at: clock.now(), outcome: 'good', why: null },
        last_good: { at: clock.now(), backup: 'a' },
      })
    return { clock, home, shown, warned, watch, good }
  }

  const tones = (shown: readonly { alert: Alert }[]) => shown.map(({ alert }) => alert.tone)

  it('alert once when the newest good one is too old, and once when there is a new one, by the same alert', async () => {
    const { clock, shown, warned, watch, good } = watched()
    good()
    watch()
    await clock.turn(HOUR)
    expect(shown).to.deep.equal([])
    await clock.turn(2 * MINUTE)
    await clock.turn(10 * MINUTE)
    expect(tones(shown)).to.deep.equal(['bad'])
    expect(shown[0]?.alert.description).to.match(/^The newest good backup is 1 h/)
    good()
    await clock.turn(MINUTE)
    await clock.turn(10 * MINUTE)
    expect(tones(shown)).to.deep.equal(['bad', 'good'])
    expect(shown[1]?.id).to.equal(shown[0]?.id)
    expect(warned).to.have.lengthOf(2)
  })

  it('go on with an alert that an earlier watchdog has begun', async () => {
    const { clock, shown, watch, good } = watched()
    good()
    const end = watch()
    await clock.turn(HOUR + 2 * MINUTE)
    end()
    await clock.turn(10 * MINUTE)
    watch()
    await clock.turn(2 * MINUTE)
    expect(tones(shown)).to.deep.equal(['bad'])
    good()
    await clock.turn(MINUTE)
    expect(tones(shown)).to.deep.equal(['bad', 'good'])
  })

  it('say nothing where none was ever tried, or none are set up any more', async () => {
    const never = watched()
    never.watch()
    await never.clock.turn(2 * HOUR)
    const off = watched('BOT_NAME=try\n')
    off.good()
    off.watch()
    await off.clock.turn(2 * HOUR)
    expect([never.shown, off.shown]).to.deep.equal([[], []])
  })

  it('end the alert where they are switched off since', async () => {
    const { clock, home, shown, watch, good } = watched()
    good()
    watch()
    await clock.turn(HOUR + 2 * MINUTE)
    fs.writeFileSync(home.paths.env, 'BOT_NAME=try\n')
    await clock.turn(MINUTE)
    expect(tones(shown)).to.deep.equal(['bad', 'good'])
  })

  it('warn once while the alert can not be remembered, and go on once it can', async () => {
    const { clock, home, shown, warned, watch, good } = watched()
    good()
    fs.mkdirSync(home.paths.backupAlert)
    watch()
    await clock.turn(HOUR + 5 * MINUTE)
    expect(shown).to.deep.equal([])
    expect(warned.filter((text) => text.includes("the age of the backups can't be told"))).to.have.lengthOf(1)
    fs.rmdirSync(home.paths.backupAlert)
    await clock.turn(2 * MINUTE)
    expect(tones(shown)).to.deep.equal(['bad'])
  })
})
