import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { acquireLock, type Holder, releaseLock } from '#core/home/lock.js'
import { realClock } from '#core/platform/clock.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { failureOf } from '../../support/failure.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

const me = (instance: string): Holder => ({ ...thisProcess(), instance })
const dead = (instance: string): Holder => ({ ...thisProcess(), started: 1, instance })

describe('a lock', () => {
  afterEach(removeTempFolders)

  it('admits one holder, and tells the other who that is', async () => {
    const path = join(tempFolder(), 'lock')
    expect(await acquireLock(realClock, path, me('a'))).to.deep.equal({ previous: undefined })
    expect(await acquireLock(realClock, path, me('b'))).to.deep.equal({ heldBy: me('a') })
    releaseLock(path, me('b'))
    expect(existsSync(path), "another's lock stays").to.equal(true)
    releaseLock(path, me('a'))
    expect(existsSync(path)).to.equal(false)
  })

  it('is broken when its holder is gone, even if the pid is in use again or the machine has rebooted', async () => {
    // elsewhere start times tell one boot from another
    const before = process.platform === 'linux' ? [{ ...me('old'), boot: 'another boot' }] : []
    for (const gone of [dead('old'), ...before, { ...me('old'), pid: 2 ** 22 - 1 }]) {
      const path = join(tempFolder(), 'lock')
      writeFileSync(path, JSON.stringify(gone))
      expect(await acquireLock(realClock, path, me('new'))).to.deep.equal({ previous: gone })
      expect(JSON.parse(readFileSync(path, 'utf8')).instance).to.equal('new')
    }
  })

  it('is broken when its writer died before it wrote a word', async () => {
    for (const text of ['', '{"pid":', 'null', '{"pid":1,"started":1,"boot":"x","instance":"../../evil"}']) {
      const path = join(tempFolder(), 'lock')
      writeFileSync(path, text)
      expect(await acquireLock(realClock, path, me('new')), text).to.deep.equal({ previous: undefined })
    }
  })

  it('is broken even when somebody died while breaking it', async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'lock'), JSON.stringify(dead('old')))
    writeFileSync(join(folder, 'lock.old.breaking'), JSON.stringify(dead('breaker')))
    expect(await acquireLock(realClock, join(folder, 'lock'), me('new'))).to.deep.equal({ previous: dead('old') })
    expect(readdirSync(folder)).to.deep.equal(['lock'])
  })

  it('is held by exactly one of many who break it at the same moment', async () => {
    const path = join(tempFolder(), 'lock')
    writeFileSync(path, JSON.stringify(dead('old')))
    const script = fileURLToPath(new URL('../../support/take-lock.ts', import.meta.url))
    const children = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['--import', 'tsx', script, path], { stdio: ['pipe', 'pipe', 'inherit'] }),
    )
    const answers = await Promise.all(
      children.map(
        (child) => new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data)))),
      ),
    )
    for (const child of children) child.stdin.end()
    await Promise.all(children.map((child) => new Promise((resolve) => child.once('exit', resolve))))
    const winners = answers.map((text) => JSON.parse(text)).filter((answer) => !('heldBy' in answer))
    expect(winners).to.have.length(1)
    expect(winners[0].previous.instance, 'the winner is told what was left').to.equal('old')
  }).timeout(30_000)

  it('is refused at once if something else lies in its place, with the command that removes it', async () => {
    if (process.platform === 'win32') return
    const odd: [string, (path: string) => void, string][] = [
      ['link', (path) => symlinkSync('nowhere', path), 'rm '],
      ['link', (path) => symlinkSync('/dev/zero', path), 'rm '],
      ['link', (path) => symlinkSync('.', path), 'rm '],
      ['folder', (path) => mkdirSync(path), 'rm -r '],
      ['special file', (path) => void execFileSync('mkfifo', [path]), 'rm '],
    ]
    for (const [kind, make, line] of odd) {
      for (const name of ['lock', 'lock.old.breaking']) {
        const folder = tempFolder()
        if (name !== 'lock') writeFileSync(join(folder, 'lock'), JSON.stringify(dead('old')))
        make(join(folder, name))
        const error = await failureOf(acquireLock(realClock, join(folder, 'lock'), me('new')))
        expect(error.code, `${kind} as ${name}`).to.equal('STATE_REFUSED')
        expect(error.message).to.equal(
          `${join(folder, name)} should be a lock file, but is a ${kind}. Nothing was done.`,
        )
        expect(error.suggestions).to.deep.equal([`catalyst did not make it. Remove it: ${line}${join(folder, name)}`])
      }
    }
  })
})
