import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { homeRestoredText } from '#cli/backup/home-backup-text.js'
import { planRestore, restoreBackup, undoRestore } from '#core/backup/restore/restore-backup.js'
import type { Home } from '#core/home/home.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'
import { backUp, homeToBackUp, openHome, QUIET, read, write } from './support/backed-up-home.js'

const NOW = 'API_KEY=s3cret-of-now\n'

/** A pair of keys that the program `age-keygen` has made. */
function aKeyPair() {
  const file = join(tempFolder(), 'identity.txt')
  execFileSync('age-keygen', ['-o', file], { stdio: 'ignore' })
  return { file, recipient: execFileSync('age-keygen', ['-y', file], { encoding: 'utf8' }).trim() }
}

describe('the settings that a restore replaces', () => {
  afterEach(removeTempFolders)

  /** Returns a home with a backup, and other settings since. */
  async function changedSince(settings: Record<string, string> = {}): Promise<{ home: Home; today: string }> {
    const home = homeToBackUp(settings)
    await backUp(home)
    const today = `${read(home, '.env')}${NOW}`
    write(home, '.env', today)
    write(home, 'data/picture', 'newer')
    return { home: openHome(home.paths.home), today }
  }

  const restore = async (home: Home) => restoreBackup(home, await planRestore(home, undefined, QUIET), undefined)
  const filesBelow = (folder: string) =>
    fs
      .readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => fs.statSync(path).isFile())

  it('are kept sealed where settings backups are, and an undo brings all back but them', async () => {
    const { file, recipient } = aKeyPair()
    const { home, today } = await changedSince({ SETTINGS_BACKUP_RECIPIENT: recipient })
    const restored = await restore(home)
    const sealed = join(restored.replaced as string, '.env.age')
    expect(restored.replaced_settings).to.deep.equal({ path: sealed, is_sealed: true, fault: null })
    expect(fs.statSync(sealed).mode & 0o777).to.equal(0o600)
    expect(homeRestoredText(restored)).to.include(`To read them: age -d -i identity.txt ${sealed}`)
    const plain = filesBelow(home.paths.own).filter((path) => fs.readFileSync(path).includes('s3cret-of-now'))
    expect(plain).to.deep.equal([])

    const undone = await undoRestore(openHome(home.paths.home))
    expect(read(home, 'data/picture')).to.equal('newer')
    expect(read(home, '.env')).not.to.include('s3cret')
    expect(undone.restored).not.to.include('.env')
    expect(homeRestoredText(undone)).to.include('The settings stay as they are')
    const kept = undone.sealed_settings as string
    expect(execFileSync('age', ['-d', '-i', file, kept], { encoding: 'utf8' })).to.equal(today)
  })

  it('are sealed by the next backup where the restore was interrupted before that', async () => {
    const { recipient } = aKeyPair()
    const { home } = await changedSince({ SETTINGS_BACKUP_RECIPIENT: recipient })
    write(home, '.catalyst/undo/20260101T000000000Z/.env', NOW)
    await backUp(home)
    expect(fs.readdirSync(join(home.paths.undo, '20260101T000000000Z'))).to.deep.equal(['.env.age'])
  })

  it('stay plain for their owner alone without a recipient, which is said, and come back by an undo', async () => {
    const { home, today } = await changedSince()
    fs.chmodSync(home.paths.env, 0o644)
    const restored = await restore(home)
    const plain = join(restored.replaced as string, '.env')
    expect(restored.replaced_settings).to.deep.equal({ path: plain, is_sealed: false, fault: null })
    expect(fs.statSync(plain).mode & 0o777).to.equal(0o600)
    expect(homeRestoredText(restored)).to.match(
      /kept there in plain text, readable by you only.*SETTINGS_BACKUP_RECIPIENT/,
    )
    await undoRestore(openHome(home.paths.home))
    expect(read(home, '.env')).to.equal(today)
  })

  it('stay plain, and why is said, where the recipient has a typing error', async () => {
    const { home } = await changedSince()
    write(home, '.env', `${read(home, '.env')}SETTINGS_BACKUP_RECIPIENT=age1typing\n`)
    const restored = await restore(openHome(home.paths.home))
    expect(restored.replaced_settings).to.include({ is_sealed: false })
    expect(homeRestoredText(restored)).to.include('SETTINGS_BACKUP_RECIPIENT is no recipient of age')
  })
})
