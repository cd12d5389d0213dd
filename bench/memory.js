import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { median } from './median.js'

const run = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const ROUNDS = 3
const IDLE_MS = 12_000

/** Resident memory after a while of doing nothing much, in MB. Linux only: elsewhere there is no such file. */
async function idleMb(argv, env = {}) {
  const child = spawn(process.execPath, argv, { stdio: 'ignore', env: { ...process.env, ...env } })
  await sleep(IDLE_MS)
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]
  child.kill('SIGTERM')
  await new Promise((resolve) => child.once('exit', resolve))
  return Number(kb) / 1024
}

/** The built-in bot at work on its bundled feed, against a node process that only waits. */
export async function memoryBench(newHome) {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push(
      await Promise.all([
        idleMb([run, 'bot', 'start', '--demo', '--home', newHome()], {
          HEALTH_CHECK_PORT: '0',
          BOT_CYCLE_SECONDS: '30',
        }),
        idleMb(['-e', 'setInterval(() => {}, 1e6)']),
      ]),
    )
  }
  const [ours, bare] = [median(rounds.map(([a]) => a)), median(rounds.map(([, b]) => b))]
  return [
    {
      name: 'idle memory of catalyst bot start',
      value: `${ours.toFixed(1)} MB`,
      yardstick: `idle node: ${bare.toFixed(1)} MB`,
      ratio: median(rounds.map(([a, b]) => a / b)),
      limit: '<= 1.7',
    },
  ]
}
