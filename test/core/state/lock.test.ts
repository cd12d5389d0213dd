import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { acquireLock, type Holder, releaseLock } from '#core/state/lock.js'
import { realClock } from '#core/system/clock.js'
import { thisProcess } from '#core/system/processes.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

const me = (instance: string): Holder => ({ ...thisProcess(), instance })
const dead = (instance: string): Holder => ({ ...thisProcess(), started: 1, instance })

describe('a lock', () => {
  afterEach(removeTempFolders)

  it('lets one in, and tells the other who that is', async () => {
    const path = join(tempFolder(), 'lock')
    expect(await acquireLock(realClock, path, me('a'))).to.deep.equal({ previous: undefined })
    expect(await acquireLock(realClock, path, me('b'))).to.deep.equal({ heldBy: me('a') })
    releaseLock(path, me('b'))
    expect(existsSync(path), "another's lock stays").to.equal(true)
    releaseLock(path, me('a'))
    expect(existsSync(path)).to.equal(false)
  })

  it('is broken when its holder is gone, though the pid is used again or the machine was booted since', async () => {
    // elsewhere start times tell one boot from another
    const before = process.platform === 'linux' ? [{ ...me('old'), boot: 'another boot' }] : []
    for (const gone of [dead('old'), ...before, { ...me('old'), pid: 2 ** 22 - 1 }]) {
      const path = join(tempFolder(), 'lock')
      writeFileSync(path, JSON.stringify(gone))
      expect(await acquireLock(realClock, path, me('new'))).to.deep.equal({ previous: gone })
      expect(JSON.parse(readFileSync(path, 'utf8')).instance).to.equal('new')
    }
  })

  it('is broken when its writer died before a word was written', async () => {
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
})
