import { spawn } from 'node:child_process'
import fs, { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Logger } from 'pino'
import { writeDesiredStop } from '#core/home/desired-state.js'
import { homePaths } from '#core/home/home-paths.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { NO_SUPERVISOR } from '#core/supervisor/supervisor.js'
import { Recoveries } from '#core/watchdog/recoveries.js'
import { asOnMac } from '../../support/as-on-mac.js'
import { FakeClock } from '../../support/fake-clock.js'
import { tempFolder } from '../../support/temp.js'

const MINUTE = 60_000

describe('the recovery of an interrupted deployment by the watchdog', () => {
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
      outcome: () => home.finish(),
      interrupt: () => writeFileSync(paths.deployment, JSON.stringify({ id: `deployment ${++deployments}` })),
      finish: () => rmSync(paths.deployment),
      /** Somebody else is at it. */
      lock: () => writeFileSync(paths.deployLock, JSON.stringify({ ...thisProcess(), instance: 'x', what: 'y' })),
      unlock: () => rmSync(paths.deployLock),
      async after(ms: number) {
        await clock.turn(ms)
        await recoveries.recoverIfDue()
        return did.splice(0)
      },
    }
    const recoveries = new Recoveries(clock, {
      paths,
      log: { warn() {} } as unknown as Logger,
      supervisor: { ...NO_SUPERVISOR, kind: 'watchdog' },
      async recover({ kind }) {
        did.push(kind === 'watchdog' ? 'recovers' : 'recovers, without the bot')
        home.outcome()
      },
    })
    return home
  }

  it('begins at once, and only where there is something to recover', async () => {
    const home = newHome()
    expect(await home.after(0)).to.deep.equal([])
    home.interrupt()
    expect(await home.after(1)).to.deep.equal(['recovers'])
    expect(await home.after(60 * MINUTE)).to.deep.equal([])
  })

  it('leaves a deployment alone that is still under way', async () => {
    const home = newHome()
    home.interrupt()
    home.lock()
    expect(await home.after(0)).to.deep.equal([])
    home.unlock()
    expect(await home.after(1)).to.deep.equal(['recovers'])
  })

  it('leaves a bot stopped that was stopped on purpose', async () => {
    const home = newHome()
    writeDesiredStop(home.paths, 'somebody', Date.now())
    home.interrupt()
    expect(await home.after(0)).to.deep.equal(['recovers, without the bot'])
  })

  it('waits longer after each failed try', async () => {
    const home = newHome()
    home.outcome = () => {}
    home.interrupt()
    expect(await home.after(0)).to.deep.equal(['recovers'])
    expect(await home.after(5 * MINUTE - 1)).to.deep.equal([])
    expect(await home.after(1)).to.deep.equal(['recovers'])
    expect(await home.after(10 * MINUTE - 1)).to.deep.equal([])
    expect(await home.after(1)).to.deep.equal(['recovers'])
  })

  it('tries again at once when a full disk has room again', async () => {
    const home = newHome()
    const { writeFileSync: write } = fs
    home.outcome = () => {
      fs.writeFileSync = () => {
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
      }
    }
    home.interrupt()
    try {
      expect(await home.after(0)).to.deep.equal(['recovers'])
      expect(await home.after(MINUTE)).to.deep.equal([])
    } finally {
      fs.writeFileSync = write
    }
    home.outcome = () => home.finish()
    expect(await home.after(1)).to.deep.equal(['recovers'])
    expect(await home.after(MINUTE)).to.deep.equal([])
  })

  it('resets the backoff when an operator finishes the deployment', async () => {
    const home = newHome()
    home.outcome = () => home.lock() // between the look and the deed
    home.interrupt()
    expect(await home.after(0)).to.deep.equal(['recovers'])
    home.finish()
    home.unlock()
    home.interrupt()
    expect(await home.after(1)).to.deep.equal(['recovers'])
  })

  it('resets the backoff when an operator finishes a deployment whose recovery failed', async () => {
    const home = newHome()
    home.outcome = () => {}
    home.interrupt()
    expect(await home.after(0)).to.deep.equal(['recovers'])
    home.finish()
    expect(await home.after(1)).to.deep.equal([])
    home.interrupt()
    expect(await home.after(1)).to.deep.equal(['recovers'])
  })

  it('resets the backoff for the next deployment even where it never saw the one before finished', async () => {
    const home = newHome()
    home.outcome = () => {}
    home.interrupt()
    expect(await home.after(0)).to.deep.equal(['recovers'])
    home.interrupt() // while the watch was busy, a person has ended the first one, and begun another
    expect(await home.after(1)).to.deep.equal(['recovers'])
    expect(await home.after(1)).to.deep.equal([])
  })

  // elsewhere a program is asked whether a process runs, which takes its time
  it('sees no interruption in a deployment that ends during the check', async () => {
    const home = newHome()
    home.interrupt()
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'])
    const { deployment, deployLock } = home.paths
    const id = { ...thisProcess(), pid: holder.pid, instance: 'x', what: 'y' }
    writeFileSync(deployLock, JSON.stringify(id))
    const ended = `rm -f '${deployment}' '${deployLock}'; kill -9 ${holder.pid}`
    expect(await asOnMac(ended, () => home.after(0))).to.deep.equal([])
  })

  it('tries an unreadable deployment file with the same backoff, and does not block the watchdog', async () => {
    const home = newHome()
    home.outcome = () => {}
    mkdirSync(home.paths.deployment)
    expect(await home.after(0)).to.deep.equal(['recovers'])
    expect(await home.after(1)).to.deep.equal([])
  })
})
