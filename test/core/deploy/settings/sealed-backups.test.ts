import fs from 'node:fs'
import { join } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { expect } from 'chai'
import { writeDeployment } from '#core/deploy/deployment-file.js'
import { prepare } from '#core/deploy/prepare.js'
import { findTarget } from '#core/deploy/releases/find-target.js'
import { Backups } from '#core/deploy/settings/backups.js'
import { backUp, findBackup, openBackup, restore } from '#core/deploy/settings/settings-backup.js'
import { readJournal } from '#core/journal/journal.js'
import { aDeployment, aPlan } from '../../../support/builders/deployment.js'
import { aHome } from '../../../support/builders/home.js'
import { openHomeOf } from '../../../support/deploy/deploy.js'
import { SupervisedHome } from '../../../support/deploy/supervised-home.js'
import { failureOf } from '../../../support/failure.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

const SECRET = 'API_KEY=s3cret-value-of-it\n'

async function aKeyPair() {
  const identity = await generateX25519Identity()
  const file = join(tempFolder(), 'identity.txt')
  fs.writeFileSync(file, `# created: 2026-11-30\r\n# public key: …\r\n${identity}\r\n`)
  return { file, identity, recipient: await identityToRecipient(identity) }
}

/** The text of every file below a folder. */
function allTextBelow(folder: string): string {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.map((name) => join(folder, name)).filter((path) => fs.statSync(path).isFile())
  return files.map((path) => fs.readFileSync(path, 'utf8')).join('\n')
}

describe('a sealed backup of the settings', () => {
  afterEach(removeTempFolders)

  async function sealedHome(more = SECRET) {
    const keys = await aKeyPair()
    const text = `# s3cret in a comment\nSETTINGS_BACKUP_RECIPIENT=${keys.recipient}\nA=1\n${more}`
    const home = aHome({ env: text })
    return { home, keys, text, write: (settings: string) => fs.writeFileSync(home.paths.env, settings) }
  }

  it('holds no secret in plain text, nor a hash of one, and is opened byte for byte by its identity alone', async () => {
    const { home, keys, text } = await sealedHome()
    const backup = await backUp(home, 'by hand')
    expect(allTextBelow(home.paths.backups)).to.not.contain('s3cret')
    expect(JSON.stringify([backup, readJournal(home.paths.journal).entries])).to.not.contain('s3cret')
    expect(backup.sealed_to).to.equal(keys.recipient)
    expect(await openBackup(home, backup, keys.file)).to.equal(text)
    if (process.platform !== 'win32')
      for (const file of fs.readdirSync(join(home.paths.backups, backup.id)))
        expect(fs.statSync(join(home.paths.backups, backup.id, file)).mode & 0o777, file).to.equal(0o600)
  })

  it('is refused without an identity, and says by which commands it opens', async () => {
    const { home } = await sealedHome()
    const backup = await backUp(home, 'by hand')
    const error = await failureOf(openBackup(home, backup, undefined))
    expect(error).to.include({ code: 'BACKUP_SEALED', exit: 1 })
    expect(error.suggestions.join('\n')).to.match(/catalyst deploy restore \S+ --identity FILE[\s\S]+age -d -i FILE/)
  })

  it('is refused with another identity, and nothing of that file is repeated', async () => {
    const { home } = await sealedHome()
    const backup = await backUp(home, 'by hand')
    const other = await aKeyPair()
    const file = (text: string) => {
      const path = join(tempFolder(), 'file')
      fs.writeFileSync(path, text)
      return path
    }
    for (const [path, said] of [
      [other.file, /another recipient/],
      [file('PASSWORD=abc\n'), /holds no identity/],
      [file('AGE-SECRET-KEY-1ABC\n'), /holds no identity/],
      [file('age-encryption.org/v1\n-> scrypt abc 18\n'), /passphrase/],
    ] as const) {
      const error = await failureOf(openBackup(home, backup, path))
      expect(error.code).to.equal('IDENTITY_WRONG')
      expect(error.message).to.match(said)
      expect(`${error.message} ${error.suggestions}`).to.not.match(/abc|SECRET-KEY-1\w/i)
    }
    expect(await failureOf(openBackup(home, backup, join(tempFolder(), 'none')))).to.include({ code: 'USAGE' })
  })

  it('is restored by its identity, and what it replaces is sealed, too', async () => {
    const { home, keys, text, write } = await sealedHome()
    const backup = await backUp(home, 'by hand', 'old')
    const later = text.replace('A=1', 'A=2').replace('s3cret-value-of-it', 's3cret-later')
    write(later)
    const { replaced, keys: changed } = await restore(home, backup, await openBackup(home, backup, keys.file))
    expect(changed).to.deep.equal({ added: [], removed: [], changed: ['A', 'API_KEY'] })
    expect(fs.readFileSync(home.paths.env, 'utf8')).to.equal(text)
    expect(allTextBelow(home.paths.backups)).to.not.contain('s3cret')
    expect(replaced && (await openBackup(home, replaced, keys.file))).to.equal(later)
  })

  it('that is damaged is never put in force', async () => {
    for (const name of ['env.age', 'open.json']) {
      const { home, keys } = await sealedHome()
      const backup = await backUp(home, 'by hand')
      fs.writeFileSync(join(home.paths.backups, backup.id, name), '{}')
      expect(await failureOf(openBackup(home, backup, keys.file)), name).to.include({ code: 'BACKUP_DAMAGED' })
    }
  })

  it('is not made, and no plain one instead, where the recipient has a typing error', async () => {
    const { home, keys, text, write } = await sealedHome()
    write(text.replace(keys.recipient, keys.recipient.slice(0, -1)))
    const wrong = aHome({ folder: home.paths.home })
    expect(await failureOf(backUp(wrong, 'by hand'))).to.include({ code: 'SETTINGS_INVALID', exit: 78 })
    expect(new Backups(wrong).list()).to.deep.equal([])
  })

  it('seals those before it, too, with their ids and labels, but not one that is damaged', async () => {
    const { home, keys, text, write } = await sealedHome()
    const before = aHome({ folder: home.paths.home })
    write(SECRET)
    const plain = aHome({ folder: home.paths.home })
    const old = await backUp(plain, 'by hand', 'old')
    const damaged = await backUp(plain, 'by hand', 'damaged')
    fs.writeFileSync(join(home.paths.backups, damaged.id, 'env'), 'A=')
    expect(old.sealed_to).to.equal(null)
    write(text)
    await backUp(before, 'by hand')
    expect(allTextBelow(home.paths.backups)).to.not.contain('s3cret')
    const found = findBackup(home, 'old')
    expect(found).to.deep.include({ id: old.id, reason: 'by hand', sealed_to: keys.recipient })
    expect(await openBackup(home, found, keys.file)).to.equal(SECRET)
    expect(findBackup(home, 'damaged').sealed_to).to.equal(null)
  })

  it('seals none that a deployment under way needs, and takes up again what was interrupted', async () => {
    const { home, text, write } = await sealedHome()
    write(SECRET)
    const plain = aHome({ folder: home.paths.home })
    const [needed, other] = [await backUp(plain, 'by hand'), await backUp(plain, 'by hand')]
    write(text)
    writeDeployment(home, aDeployment(aPlan({}), { backup: needed.id }))
    await backUp(home, 'by hand')
    expect(findBackup(home, needed.id).sealed_to).to.equal(null)
    expect(findBackup(home, other.id).sealed_to).to.not.equal(null)
    const left = join(home.paths.backups, other.id, 'env') // as a power cut leaves it, right before its removal
    fs.writeFileSync(left, SECRET)
    await backUp(home, 'by hand')
    expect(fs.existsSync(left)).to.equal(false)
  })
})

describe('sealed settings in a rollback', function () {
  this.timeout(20_000)
  afterEach(removeTempFolders)

  const settingOf = (supervised: SupervisedHome, name: string) =>
    new RegExp(`^${name}=(.*)$`, 'm').exec(supervised.settings)?.[1]

  async function twoVersions() {
    const { recipient } = await aKeyPair()
    const supervised = new SupervisedHome(['v1', 'v2'])
    supervised.set('SETTINGS_BACKUP_RECIPIENT', recipient)
    supervised.set('THRESH', 'old')
    supervised.set('API_KEY', 's3cret-old')
    await supervised.deploy('v1')
    supervised.set('THRESH', 'new')
    supervised.set('API_KEY', 's3cret-new')
    await supervised.deploy('v2')
    return { supervised, recipient }
  }

  it("come back without any identity, with today's secrets", async () => {
    const { supervised, recipient } = await twoVersions()
    await supervised.rollBack('v1')
    expect(settingOf(supervised, 'THRESH')).to.equal('old')
    expect(settingOf(supervised, 'API_KEY')).to.equal('s3cret-new')
    expect(settingOf(supervised, 'SETTINGS_BACKUP_RECIPIENT')).to.equal(recipient)
    expect(allTextBelow(supervised.paths.backups)).to.not.contain('s3cret')
  })

  it('are undone without any identity where the rollback fails', async () => {
    const { supervised } = await twoVersions()
    supervised.broken.add('v1')
    expect((await failureOf(supervised.rollBack('v1'))).details).to.include({ outcome: 'rolled_back' })
    expect(settingOf(supervised, 'THRESH')).to.equal('new')
    expect(settingOf(supervised, 'API_KEY')).to.equal('s3cret-new')
  })

  it('are refused with their secrets, and nothing has changed then', async () => {
    const { supervised } = await twoVersions()
    const home = await openHomeOf(supervised.supervisor, supervised.folder)
    const options = { what: 'rollback', force: false, settings: 'snapshot with its secrets' } as const
    const error = await failureOf(prepare(home, await findTarget(home, 'v1'), options))
    expect(error).to.include({ code: 'BACKUP_SEALED' })
    expect(error.suggestions.join('\n')).to.match(/--identity FILE[\s\S]+--current-config/)
  })
})
