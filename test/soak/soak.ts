/**
 * `npm run soak -- --hours N`: bots with their watchdogs under load at a fast clock, for simulated hours, with faults that a
 * seed chooses. It fails when something grows that must not, when a line of a log is lost, and when a bot does not come back.
 * docs/performance.md says what it has found.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { FastClock } from '../chaos/fast-clock.js'
import { StandIn } from '../chaos/stand-in.js'
import { until } from '../support/e2e/until.js'
import { answers } from './faults.js'
import { DISTURBED, MEASURED, UNTOUCHED } from './judge.js'
import { type SoakOptions, soakOptions, USAGE, UsageError } from './options.js'
import { Run, say } from './run.js'
import { SoakHome } from './soak-home.js'

const START_MS = 90_000
const HOUR_MS = 3_600_000

process.exitCode = await main()

async function main(): Promise<number> {
  try {
    const options = soakOptions(process.argv.slice(2), Date.now() % 1_000_000)
    if (process.platform !== 'linux') throw new UsageError('it reads /proc: Linux only')
    if (options.speed !== 1) requireFaketime()
    return await soak(options)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    say(`${error.message}\n\n${USAGE}`)
    return 2
  }
}

function requireFaketime(): void {
  try {
    execFileSync('faketime', ['--version'], { stdio: 'ignore' })
  } catch {
    throw new UsageError('the fast clock needs faketime (Debian: apt-get install faketime); or use --speed 1')
  }
}

/** Returns the exit code. */
async function soak(options: SoakOptions): Promise<number> {
  const { hours, speed, seed } = options
  const realMs = (hours * HOUR_MS) / speed
  const out = options.out ?? join(os.tmpdir(), `catalyst-soak-${seed}-${Date.now()}.jsonl`)
  fs.writeFileSync(out, '')
  say(`${hours} simulated hours at ${speed} times this machine's clock: ${(realMs / 60_000).toFixed(1)} minutes`)
  say(`seed ${seed}; samples: ${out}`)
  const folder = fs.mkdtempSync(join(fs.realpathSync(os.tmpdir()), 'catalyst-soak-'))
  const standIn = new StandIn()
  const homes: SoakHome[] = []
  let clock: FastClock | undefined
  const stop = new AbortController()
  const interrupted = () => {
    if (stop.signal.aborted) return
    say('interrupted: ending everything, then the verdict on what was seen')
    stop.abort('interrupted')
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupted)
  try {
    await standIn.listen()
    clock = speed === 1 ? undefined : await FastClock.start(speed)
    for (const name of [UNTOUCHED, MEASURED, DISTURBED]) {
      const own = join(folder, name)
      fs.mkdirSync(own)
      const webhook = standIn.webhookOf(name)
      homes.push(new SoakHome(name, { folder: own, speed, clock: clock?.environment ?? {}, webhook }))
    }
    await Promise.all(homes.map((home) => until(() => answers(home), START_MS)))
    const run = new Run(options, homes, standIn, out)
    await run.go(realMs, stop)
    const code = await run.verdict(stop.signal.reason === 'interrupted')
    if (code === 1) say(`the homes are left in ${folder}`)
    else fs.rmSync(folder, { recursive: true, force: true })
    return code
  } catch (error) {
    say(`the homes are left in ${folder}`)
    throw error
  } finally {
    for (const home of homes) await home.end()
    clock?.stop()
    await standIn.close()
  }
}
