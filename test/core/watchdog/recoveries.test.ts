import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Logger } from 'pino'
import { homePaths } from '#core/state/home-paths.js'
import { wishStop } from '#core/state/wanted.js'
import { thisProcess } from '#core/system/processes.js'
import { Recoveries } from '#core/watchdog/recoveries.js'
import { asOnMac } from '../../support/as-on-mac.js'
import { FakeClock } from '../../support/fake-clock.js'
import { tempFolder } from '../../support/temp.js'

const MINUTE = 60_000

describe('the recoveries of a watchdog', () => {
  /** A home whose recoveries do as `outcome` says. */
  function newHome() {
    const paths = homePaths(tempFolder())
    mkdirSync(paths.state, { recursive: true })
    const clock = new FakeClock()
    const did: string[] = []
    let deployments = 0
    const home = {
      paths,
      did,
      outcome: () => home.bringToAnEnd(),
      cutOff: () => writeFileSync(paths.deployment, JSON.stringify({ id: `deployment ${++deployments}` })),
      bringToAnEnd: () => rmSync(paths.deployment),
      /** Somebody else is at it. */
      lock: () => writeFileSync(paths.deployLock, JSON.stringify({ ...thisProcess(), instance: 'x', what: 'y' })),
      unlock: () => rmSync(paths.deployLock),
      async after(ms: number) {
        await clock.turn(ms)
        await recoveries.look()
        return did.splice(0)
      },
    }
    const recoveries = new Recoveries(clock, {
      paths,
      log: { warn() {} } as unknown as Logger,
      async recover(restart) {
        did.push(restart ? 'recovers' : 'recovers, without the bot')
        home.outcome()
      },
      restart: async () => {},
    })
    return home
  }

  it('begin at once, and not before there is something to recover', async () => {
    const home = newHome()
    expect(await home.after(0)).to.deep.equal([])
    home.cutOff()
    expect(await home.after(1)).to.deep.equal(['recovers'])
    expect(await home.after(60 * MINUTE)).to.deep.equal([])
  })

  it('leave a deployment alone that somebody carries on', async () => {
    const home = newHome()
    home.cutOff()
    home.lock()
    expect(await home.after(0)).to.deep.equal([])
    home.unlock()
    expect(await home.after(1)).to.deep.equal(['recovers'])
  })

  it('leave a bot stopped that was stopped on purpose', async () => {
    const home = newHome()
    wishStop(home.paths, 'somebody', Date.now())
    home.cutOff()
    expect(await home.after(0)).to.deep.equal(['recovers, without the bot'])
  })

  it('wait longer after each that was in vain', async () => {
    const home = newHome()
    home.outcome = () => {}
    home.cutOff()
    expect(await home.after(0)).to.deep.equal(['recovers'])
    expect(await home.after(5 * MINUTE - 1)).to.deep.equal([])
    expect(await home.after(1)).to.deep.equal(['recovers'])
    expect(await home.after(10 * MINUTE - 1)).to.deep.equal([])
    expect(await home.after(1)).to.deep.equal(['recovers'])
  })

  it('owe the next deployment no pause when a person was quicker', async () => {
    const home = newHome()
    home.outcome = () => home.lock() // between the look and the deed
    home.cutOff()
    expect(await home.after(0)).to.deep.equal(['recovers'])
    home.bringToAnEnd()
    home.unlock()
    home.cutOff()
    expect(await home.after(1)).to.deep.equal(['recovers'])
  })

  it('owe the next deployment no pause when a person has ended what they could not', async () => {
    const home = newHome()
    home.outcome = () => {}
    home.cutOff()
    expect(await home.after(0)).to.deep.equal(['recovers'])
    home.bringToAnEnd()
    expect(await home.after(1)).to.deep.equal([])
    home.cutOff()
    expect(await home.after(1)).to.deep.equal(['recovers'])
  })

  it('owe the next deployment no pause when the watch had no time to see that the one before was ended', async () => {
    const home = newHome()
    home.outcome = () => {}
    home.cutOff()
    expect(await home.after(0)).to.deep.equal(['recovers'])
    home.cutOff() // while the watch was busy, a person has ended the first one, and begun another
    expect(await home.after(1)).to.deep.equal(['recovers'])
    expect(await home.after(1)).to.deep.equal([])
  })

  // elsewhere a program is asked whether a process runs, which takes its time
  it('see nothing cut off in a deployment that ends while it is found out whether it goes on', async () => {
    const home = newHome()
    home.cutOff()
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'])
    const { deployment, deployLock } = home.paths
    const id = { ...thisProcess(), pid: holder.pid, instance: 'x', what: 'y' }
    writeFileSync(deployLock, JSON.stringify(id))
    const ended = `rm -f '${deployment}' '${deployLock}'; kill -9 ${holder.pid}`
    expect(await asOnMac(ended, () => home.after(0))).to.deep.equal([])
  })

  it('try what can not be read no more often than anything else, and leave the watch its time', async () => {
    const home = newHome()
    home.outcome = () => {}
    mkdirSync(home.paths.deployment)
    expect(await home.after(0)).to.deep.equal(['recovers'])
    expect(await home.after(1)).to.deep.equal([])
  })
})
