/**
 * Carries out a plan in a home, and is killed at one of its events: `ship-and-die HOME deployment|rollback REF EVENT [with-data]`.
 * Events are counted from 0; each step has two, its beginning and its end. The events come out on stdout, a line each.
 */
import fs from 'node:fs'
import { openDeployHome } from '#core/deploy/deploy-home.js'
import { prepare } from '#core/deploy/prepare.js'
import { findTarget } from '#core/deploy/releases/find-target.js'
import { ship } from '#core/deploy/ship.js'
import { homePaths } from '#core/home/home-paths.js'
import { realClock } from '#core/platform/clock.js'

const [folder = '', what = '', ref = '', event = '', data] = process.argv.slice(2)
const home = await openDeployHome(realClock, homePaths(folder))
const { plan } = await prepare(home, await findTarget(home, ref), {
  what: what as 'deployment' | 'rollback',
  force: true,
  settings: what === 'rollback' ? 'snapshot' : 'current',
  withData: data === 'with-data',
})
let count = 0
await ship(home, plan, {
  signal: new AbortController().signal,
  onStep({ step, state }) {
    fs.writeSync(1, `${step} ${state}\n`)
    if (count++ === Number(event)) process.kill(process.pid, 'SIGKILL')
  },
  onLine() {},
  onWait() {},
  onWarning() {},
})
