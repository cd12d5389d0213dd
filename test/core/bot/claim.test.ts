import fs, { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { claimHome } from '#core/bot/claim.js'
import { homePaths } from '#core/home/home-paths.js'
import { realClock } from '#core/platform/clock.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

/** What a start knows of the bot before it: by that, what a killed one has left running is found and ended. */
describe('the claim on a home', () => {
  afterEach(removeTempFolders)

  /** A home whose bot was killed, with a program that may go on running. */
  async function afterKill() {
    const paths = homePaths(tempFolder())
    const claim = () => claimHome(realClock, paths, { version: '1', release: null })
    /** Whoever has the home now is no more. */
    const kill = () => {
      const bot = JSON.parse(readFileSync(paths.bot, 'utf8'))
      writeFileSync(paths.bot, JSON.stringify({ ...bot, started: 1 }))
    }
    const first = await claim()
    first.update({ program: { pid: 7, started: 2, boot: 'x' }, control: 'http://secret' })
    kill()
    return { paths, claim, kill, killed: first.instance }
  }

  it('hands on leftovers although the next bot was killed before it could end them', async () => {
    const { claim, kill, killed } = await afterKill()
    for (let next = 0; next < 2; next++) {
      const { previous } = await claim()
      expect(previous).to.have.length(1 + next)
      expect(previous[0]).to.include({ instance: killed })
      expect(previous[0]?.program).to.deep.equal({ pid: 7, started: 2, boot: 'x' })
      kill()
    }
  })

  it('hands on leftovers also after many bots that were killed so, of which it remembers only some', async () => {
    const { claim, kill, killed } = await afterKill()
    for (let next = 0; next < 12; next++) {
      await claim()
      kill()
    }
    const { previous } = await claim()
    expect(previous).to.have.length(10)
    expect(previous[0]).to.include({ instance: killed })
  })

  it('hands on leftovers also where the next bot could not even begin', async () => {
    const { claim, killed } = await afterKill()
    const next = await claim()
    next.update({})
    next.release()
    expect((await claim()).previous.map(({ instance }) => instance)).to.deep.equal([killed])
  })

  it('leaves no trace once the leftovers are ended', async () => {
    const { paths, claim } = await afterKill()
    const next = await claim()
    expect(readFileSync(paths.bot, 'utf8')).not.to.include('secret')
    next.update({ unended: [] })
    next.release()
    expect(existsSync(paths.bot)).to.equal(false)
    expect((await claim()).previous).to.deep.equal([])
  })

  it('knows that its file lacks something, and writes it with the next call', async () => {
    const paths = homePaths(tempFolder())
    const claim = await claimHome(realClock, paths, { version: '1', release: null, supervisor: 'watchdog' })
    const written = () => JSON.parse(readFileSync(paths.bot, 'utf8'))
    expect(written()).to.include({ supervisor: 'watchdog' })
    claim.update({ control: 'http://secret' })
    expect(claim.isBehind()).to.equal(false)
    const { openSync } = fs
    fs.openSync = () => {
      throw Object.assign(new Error('ENOSPC'), { code: 'EDQUOT' })
    }
    try {
      expect(() => claim.update({ endpoint: { host: 'h', port: 7 } })).to.throw('ENOSPC')
    } finally {
      fs.openSync = openSync
    }
    expect(claim.isBehind()).to.equal(true)
    claim.update({})
    expect(claim.isBehind()).to.equal(false)
    expect(written()).to.deep.include({ control: 'http://secret', endpoint: { host: 'h', port: 7 } })
    claim.release()
  })

  it('releases nothing in a home that another bot has claimed by now', async () => {
    const { paths, claim } = await afterKill()
    const next = await claim()
    const other = JSON.stringify({ ...JSON.parse(readFileSync(paths.bot, 'utf8')), instance: 'another' })
    writeFileSync(paths.bot, other)
    next.release()
    expect(readFileSync(paths.bot, 'utf8')).to.equal(other)
  })
})
