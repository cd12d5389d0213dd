import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { tempFolder } from '../support/temp.js'

/** A pair of keys that the program `age-keygen` has made. */
function aKeyPair() {
  const file = join(tempFolder(), 'identity.txt')
  execFileSync('age-keygen', ['-o', file], { stdio: 'ignore' })
  return { file, recipient: execFileSync('age-keygen', ['-y', file], { encoding: 'utf8' }).trim() }
}

describe('sealed backups of the settings', () => {
  const { home: newHome } = endToEnd()

  it('are opened by the program age, and by our own command, which shows no value', async () => {
    const { file, recipient } = aKeyPair()
    const home = newHome({ SETTINGS_BACKUP_RECIPIENT: recipient, LOG_LEVEL: 'INFO', API_KEY: 's3cret-of-then' })
    const text = home.read('.env')
    const made = await home.catalyst(['deploy', 'backup', '--name', 'first'])
    expect(made.stdout, made.stderr).to.match(new RegExp(`^Backed up, sealed to ${recipient}: \\S+-first\n$`))
    const [id = ''] = home.files('.catalyst/backups')
    const sealed = home.path('.catalyst/backups', id, 'env.age')
    expect(execFileSync('age', ['-d', '-i', file, sealed], { encoding: 'utf8' })).to.equal(text)
    home.write('.env', text.replace('s3cret-of-then', 's3cret-of-now').replace('INFO', 'DEBUG'))
    const restore = (...words: string[]) => home.catalyst(['deploy', 'restore', 'first', '--yes', ...words])
    const refused = await restore()
    expect(refused).to.include({ code: 1 })
    expect(refused.stderr).to.include(`catalyst deploy restore --home ${home.folder} ${id} --identity FILE`)
    const wrong = await restore('--identity', aKeyPair().file, '--json')
    expect(JSON.parse(wrong.stdout).error).to.include({ code: 'IDENTITY_WRONG' })
    const restored = await restore('--identity', file)
    expect(restored.stdout, restored.stderr).to.match(/~ +API_KEY[^\n]+\n~ +LOG_LEVEL/)
    expect(home.read('.env')).to.equal(text)
    const listed = await home.catalyst(['deploy', 'backups'])
    expect(listed.stdout.match(/ sealed$/gm)).to.have.length(2)
    for (const { stdout, stderr } of [made, refused, wrong, restored, listed])
      expect(stdout + stderr).to.not.match(/s3cret|AGE-SECRET/)
    const all = home.allFiles().filter((path) => path !== '.env')
    expect(all.filter((path) => home.read(path).includes('s3cret'))).to.deep.equal([])
  })

  it('are not made, and told how, where an identity was given for a recipient', async () => {
    const { file } = aKeyPair()
    const identity = /AGE-SECRET-KEY-\S+/.exec(fs.readFileSync(file, 'utf8'))?.[0] ?? ''
    const home = newHome({ SETTINGS_BACKUP_RECIPIENT: identity })
    const said = [
      ['deploy', 'backup'],
      ['config', 'check'],
      ['config', 'show', '--json'],
    ].map((words) => home.catalyst(words))
    const [made, checked, shown] = await Promise.all(said)
    expect(made).to.include({ code: 78 })
    expect(made?.stderr).to.include('age-keygen -y FILE')
    expect(checked?.stdout).to.include('age-keygen -y FILE')
    for (const one of [made, checked, shown])
      expect(`${one?.stdout}${one?.stderr}`).to.not.include(identity.slice(0, 30))
    expect(home.has('.catalyst/backups')).to.equal(false)
  })
})
