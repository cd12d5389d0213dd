import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Backup, Backups } from '#core/deploy/settings/backups.js'
import { changedKeys } from '#core/deploy/settings/changed-keys.js'
import { backUp, findBackup, openBackup, restore } from '#core/deploy/settings/settings-backup.js'
import { type CatalystError, codeOf as codeOfError } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import { readJournal } from '#core/journal/journal.js'
import { aHome } from '../../../support/builders/home.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { tempFolder } from '../../../support/temp.js'

const SECRET = 'API_KEY=s3cret-value-of-it'

function home(text?: string) {
  const clock = new FakeClock()
  const one = aHome({ clock, ...(text !== undefined && { env: text }) })
  const { env } = one.paths
  const write = (settings: string) => fs.writeFileSync(env, settings)
  const all = Object.assign(one, { clock, read: () => fs.readFileSync(env, 'utf8'), write })
  Object.assign(one.settings, { BACKUP_KEEP: 3 })
  return all
}

/** Restores a plain backup. */
const putBack = async (one: Home, backup: Backup) => restore(one, backup, await openBackup(one, backup, undefined))

const codeOf = async (work: () => unknown) => {
  try {
    await work()
  } catch (error) {
    return (error as CatalystError).code
  }
  return undefined
}

describe('a backup of the settings', () => {
  it('is readable by the owner alone, and restores the settings byte for byte', async () => {
    const one = home(`\uFEFF${SECRET}\r\nA=1 # é\n\n`)
    const before = one.read()
    const { id } = await backUp(one, 'by hand')
    const folder = join(one.paths.backups, id)
    if (process.platform !== 'win32') {
      expect(fs.statSync(folder).mode & 0o777).to.equal(0o700)
      for (const file of fs.readdirSync(folder)) expect(fs.statSync(join(folder, file)).mode & 0o777).to.equal(0o600)
    }
    one.write('A=2\n')
    await putBack(one, findBackup(one, undefined))
    expect(one.read()).to.equal(before)
    expect(fs.statSync(one.paths.env).mode & 0o777, 'the mode stays the owner’s choice').to.equal(0o640)
  })

  it('of the replaced settings is made before a restore, so that the same command once more undoes it', async () => {
    const one = home('A=1\n')
    await backUp(one, 'by hand', 'old')
    one.write('A=2\nB=1\n')
    const { keys, replaced } = await putBack(one, findBackup(one, 'old'))
    expect(keys).to.deep.equal({ added: [], removed: ['B'], changed: ['A'] })
    expect(findBackup(one, undefined).id).to.equal(replaced?.id)
    await putBack(one, findBackup(one, undefined))
    expect(one.read()).to.equal('A=2\nB=1\n')
  })

  it('is restored although it is the oldest within the limit', async () => {
    const one = home('A=0\n')
    for (const value of [1, 2, 3]) {
      one.write(`A=${value}\n`)
      await backUp(one, 'by hand')
    }
    one.write('A=4\n')
    const oldest = new Backups(one).list().at(-1)
    if (oldest) await putBack(one, oldest)
    expect(one.read()).to.equal('A=1\n')
    expect(new Backups(one).list()).to.have.length(3)
  })

  if (process.platform !== 'win32')
    it('is still there when its restore failed, however often it is tried', async () => {
      const one = home()
      const real = join(tempFolder(), 'x'.repeat(250)) // the file beside it, which is to be renamed, can't be made
      fs.writeFileSync(real, 'A=1\n')
      fs.symlinkSync(real, one.paths.env)
      Object.assign(one.settings, { BACKUP_KEEP: 1 })
      const good = await backUp(one, 'by hand', 'good')
      fs.writeFileSync(real, 'A=2\n')
      for (let attempt = 0; attempt < 3; attempt++)
        expect(codeOfError(await putBack(one, good).catch((error) => error))).to.equal('ENAMETOOLONG')
      expect(fs.readFileSync(real, 'utf8')).to.equal('A=2\n')
      expect(new Backups(one).list(), 'the one, and what would have been replaced').to.have.length(2)
      expect(findBackup(one, 'good').id).to.equal(good.id)
    })

  it('is restored although the newest one is damaged', async () => {
    const one = home('A=1\n')
    const good = await backUp(one, 'by hand', 'good')
    one.write('A=2\n')
    const newest = await backUp(one, 'by hand')
    fs.writeFileSync(join(one.paths.backups, newest.id, 'env'), 'A=')
    expect((await putBack(one, good)).replaced?.id).to.not.equal(newest.id)
    expect(one.read()).to.equal('A=1\n')
  })

  it('is refused for settings that are not text', async () => {
    const one = home()
    fs.writeFileSync(one.paths.env, Buffer.from([0x41, 0x3d, 0xff, 0x0a]))
    expect(await codeOf(() => backUp(one, 'by hand'))).to.equal('SETTINGS_INVALID')
  })

  it('changes nothing where the settings are the same already', async () => {
    const one = home('A=1\n')
    const backup = await backUp(one, 'by hand')
    expect(await putBack(one, backup)).to.include({ replaced: null, changed: false })
    expect(new Backups(one).list()).to.have.length(1)
  })

  it('restores settings that are gone', async () => {
    const one = home('A=1\n')
    const backup = await backUp(one, 'by hand')
    fs.rmSync(one.paths.env)
    expect(await codeOf(() => backUp(one, 'by hand'))).to.equal('SETTINGS_MISSING')
    expect(await putBack(one, backup)).to.deep.include({
      replaced: null,
      changed: true,
      keys: { added: ['A'], removed: [], changed: [] },
    })
    expect(one.read()).to.equal('A=1\n')
  })

  if (process.platform !== 'win32')
    it('is restored through a link to where the settings really are', async () => {
      const one = home()
      const real = join(tempFolder(), 'real.env')
      fs.writeFileSync(real, 'A=1\n')
      fs.symlinkSync(real, one.paths.env)
      const backup = await backUp(one, 'by hand')
      fs.writeFileSync(real, 'A=2\n')
      await putBack(one, backup)
      expect(fs.lstatSync(one.paths.env).isSymbolicLink()).to.equal(true)
      expect(fs.readFileSync(real, 'utf8')).to.equal('A=1\n')
    })

  it('that is damaged is never put in force', async () => {
    const one = home('A=1\n')
    const backup = await backUp(one, 'by hand')
    fs.writeFileSync(join(one.paths.backups, backup.id, 'env'), 'A=')
    one.write('A=2\n')
    expect(await codeOf(() => openBackup(one, backup, undefined))).to.equal('BACKUP_DAMAGED')
    expect(await codeOf(() => putBack(one, backup))).to.equal('BACKUP_DAMAGED')
    expect(one.read()).to.equal('A=2\n')
  })

  it('is not listed where it was interrupted while it was made, nor is anything else in its folder', async () => {
    const one = home('A=1\n')
    const { id } = await backUp(one, 'by hand')
    for (const name of [`${id.slice(0, -2)}9Z.0123456789ab.tmp`, '20200301T120000000Z', 'notes'])
      fs.mkdirSync(join(one.paths.backups, name))
    expect(new Backups(one).list().map((backup) => backup.id)).to.deep.equal([id])
  })

  it('is always the newest when it is made, also after the clock was set back', async () => {
    const one = home('A=1\n')
    const ids = [(await backUp(one, 'by hand')).id, (await backUp(one, 'by hand')).id]
    one.clock.jump(-400 * 24 * 3600_000)
    ids.push((await backUp(one, 'by hand')).id)
    expect(new Backups(one).list().map(({ id }) => id)).to.deep.equal(ids.reverse())
  })

  it('is found by its id, the beginning of it, or its label, and by nothing else', async () => {
    const one = home('A=1\n')
    const { id } = await backUp(one, 'by hand', 'before-move')
    await backUp(one, 'by hand')
    for (const asked of [id, id.slice(0, 20), 'before-move']) expect(findBackup(one, asked).id).to.equal(id)
    for (const asked of ['', '..', '../../etc', 'move', '2'])
      expect(await codeOf(() => findBackup(one, asked)), asked).to.equal('BACKUP_UNKNOWN')
    for (const name of ['', '../x', 'a b', '-f', 'x'.repeat(41), 'ü'])
      expect(await codeOf(() => backUp(one, 'by hand', name)), name).to.equal('USAGE')
  })

  it('never shows a value in the journal', async () => {
    const one = home(`${SECRET}\n`)
    await putBack(one, await backUp(one, 'by hand'))
    one.write('B=1\n')
    await putBack(one, findBackup(one, undefined))
    expect(JSON.stringify(readJournal(one.paths.journal).entries)).to.not.contain('s3cret')
    expect(readJournal(one.paths.journal).entries.map(({ kind }) => kind)).to.deep.equal([
      'backup',
      'backup',
      'restore',
    ])
  })
})

describe('a change of settings', () => {
  it('is shown by their names alone', async () => {
    expect(changedKeys('A=1\nB=2\nC="x"\n', 'C=x\nB=3\nD=secret\n')).to.deep.equal({
      added: ['D'],
      removed: ['A'],
      changed: ['B'],
    })
  })
})
