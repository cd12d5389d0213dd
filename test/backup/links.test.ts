import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { planRestore, restoreBackup, restoreTo, undoRestore } from '#core/backup/restore/restore-backup.js'
import type { Home } from '#core/home/home.js'
import { failureOf } from '../support/failure.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'
import { backUp, homeToBackUp, openHome, QUIET, read, restic, resticIn, sql, write } from './support/backed-up-home.js'

const restore = async (home: Home, only?: string) =>
  restoreBackup(home, await planRestore(home, undefined, { ...QUIET, only }), undefined)

describe('links in a home that is backed up', () => {
  afterEach(removeTempFolders)

  /** A home with links to a file and to a folder outside. */
  function linkedHome(settings: Record<string, string> = {}): {
    home: Home
    outside: string
    at(path: string): string
  } {
    const home = homeToBackUp(settings)
    const outside = tempFolder()
    fs.mkdirSync(join(outside, 'folder'))
    fs.writeFileSync(join(outside, 'file'), 'outside')
    const at = (path: string) => join(home.paths.home, path)
    fs.symlinkSync(join(outside, 'file'), at('data/link'))
    fs.symlinkSync(join(outside, 'folder'), at('data/linkdir'))
    return { home, outside, at }
  }

  /** A home without links, of which there is a backup, and an empty folder outside. */
  async function backedUpHome(): Promise<{ home: Home; outside: string }> {
    const home = homeToBackUp()
    write(home, 'data/sub/x', 'then')
    await backUp(home)
    return { home, outside: tempFolder() }
  }

  it('stay links, and what they lead to is left alone by a restore and by its undo', async () => {
    const { home, outside, at } = linkedHome()
    await backUp(home)
    for (const step of [() => restore(home), () => undoRestore(home)]) {
      await step()
      expect(fs.readlinkSync(at('data/link'))).to.equal(join(outside, 'file'))
      expect(fs.readlinkSync(at('data/linkdir'))).to.equal(join(outside, 'folder'))
      expect(fs.readdirSync(outside)).to.deep.equal(['file', 'folder'])
    }
  })

  it('that are newer than the backup go, and what they lead to stays', async () => {
    const { home, outside } = await backedUpHome()
    fs.writeFileSync(join(outside, 'file'), 'outside')
    fs.rmSync(join(home.paths.data, 'picture'))
    fs.rmSync(join(home.paths.data, 'sub'), { recursive: true })
    for (const [name, target] of [
      ['picture', 'file'],
      ['new', 'file'],
      ['sub', '.'],
    ] as const)
      fs.symlinkSync(join(outside, target), join(home.paths.data, name))
    await restore(home)
    expect(fs.readdirSync(outside)).to.deep.equal(['file'])
    expect(fs.readFileSync(join(outside, 'file'), 'utf8')).to.equal('outside')
    expect([read(home, 'data/picture'), read(home, 'data/sub/x')]).to.deep.equal(['a picture', 'then'])
    expect(fs.readdirSync(home.paths.data)).not.to.include('new')
  })

  it('that the settings name keep leading to the shared file, which gets its content of then', async () => {
    const folder = tempFolder()
    const home = homeToBackUp({}, { folder })
    const [own, shared] = [join(home.paths.home, '.env'), join(folder, 'shared.env')]
    fs.renameSync(own, shared)
    fs.symlinkSync('../shared.env', own)
    await backUp(home)
    const before = fs.readFileSync(shared, 'utf8')
    fs.appendFileSync(shared, 'LATER=1\n')
    await restore(home)
    expect(fs.lstatSync(own).isSymbolicLink()).to.equal(true)
    expect(fs.readFileSync(shared, 'utf8')).to.equal(before)
    await undoRestore(home)
    expect(fs.readFileSync(shared, 'utf8')).to.equal(`${before}LATER=1\n`)
    expect(fs.lstatSync(own).isSymbolicLink()).to.equal(true)
  })

  it('lead no restore of one file out of the home', async () => {
    const { home, outside } = await backedUpHome()
    fs.writeFileSync(join(outside, 'x'), 'outside')
    fs.rmSync(join(home.paths.data, 'sub'), { recursive: true })
    fs.symlinkSync(outside, join(home.paths.data, 'sub'))
    expect(await failureOf(restore(home, 'data/sub/x'))).to.include({ code: 'USAGE' })
    expect(fs.readFileSync(join(outside, 'x'), 'utf8')).to.equal('outside')
  })

  it('to a database outside bring a copy of it into the backup', async () => {
    const { home, at } = linkedHome()
    const elsewhere = join(tempFolder(), 'bot.db')
    sql(elsewhere, 'CREATE TABLE rows(text); INSERT INTO rows VALUES (1)')
    fs.symlinkSync(elsewhere, at('data/outside.db'))
    fs.symlinkSync('bot.db', at('data/inside.db'))
    expect((await backUp(home)).databases.map(({ path }) => path)).to.have.members(['data/bot.db', 'data/outside.db'])
    const target = join(tempFolder(), 'to')
    await restoreTo(home, await planRestore(home, undefined, QUIET), target)
    expect(sql(join(target, 'data/outside.db'), 'SELECT count(*) FROM rows')).to.equal('1')
    expect(fs.readlinkSync(join(target, 'data/inside.db'))).to.equal('bot.db')
  })

  it('in a backup that somebody has forged lead nothing out of the folder it is restored to', async () => {
    const home = homeToBackUp()
    await backUp(home)
    const outside = tempFolder()
    const forged = join(tempFolder(), 'forged')
    const staging = join(forged, '.catalyst', 'staging')
    fs.mkdirSync(join(staging, '.catalyst'), { recursive: true })
    fs.mkdirSync(join(staging, 'data'))
    fs.writeFileSync(join(staging, 'data', 'evil'), 'evil')
    const manifest = { paths: ['data'], databases: [] }
    fs.writeFileSync(join(staging, '.catalyst', 'backup.json'), JSON.stringify(manifest))
    fs.symlinkSync(outside, join(forged, 'data'))
    const [{ tags }] = JSON.parse(restic(home, 'snapshots', '--json'))
    resticIn(forged, home, 'backup', '--tag', tags.join(','), '--time', '2031-01-01 00:00:00', 'data', '.catalyst')
    const plan = await planRestore(home, undefined, QUIET)
    expect(plan.opened.listing).to.satisfy((listing: Map<string, unknown>) => listing.has('data/evil'))
    expect(await failureOf(restoreBackup(home, plan, undefined))).to.include({ code: 'RESTORE_FAILED' })
    expect(await failureOf(restoreTo(home, plan, join(tempFolder(), 'to')))).to.include({ code: 'RESTORE_FAILED' })
    expect(fs.readdirSync(outside)).to.deep.equal([])
    expect(read(openHome(home.paths.home), 'data/picture')).to.equal('a picture')
  })
})
