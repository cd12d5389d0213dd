import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

/** The built-in bot at work on its bundled feed, and a watchdog, against a node process that only waits. */
export async function memoryBench(newHome) {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push(
      await Promise.all([
        idleMb([run, 'bot', 'start', '--demo', '--home', newHome()], {
          HEALTH_CHECK_PORT: '0',
          BOT_CYCLE_SECONDS: '30',
        }),
        idleMb([run, 'watchdog', 'run', '--home', homeWithoutBot(newHome())], { CATALYST_SERVICE: 'bench' }),
        idleMb(['-e', 'setInterval(() => {}, 1e6)']),
      ]),
    )
  }
  return [
    row('idle memory of catalyst bot start', rounds, 0, '<= 1.7'),
    row('idle memory of catalyst watchdog run', rounds, 1, '<= 1.3'),
  ]
}

/** Its bot was stopped on purpose, so that the watchdog starts none beside it. */
function homeWithoutBot(home) {
  writeFileSync(join(home, '.env'), 'WATCHDOG_ENABLED=1\n')
  mkdirSync(join(home, '.catalyst', 'state'), { recursive: true })
  const desired = { desired: 'stopped', by: 'bench', at: new Date().toISOString() }
  writeFileSync(join(home, '.catalyst', 'state', 'desired-state.json'), JSON.stringify(desired))
  return home
}

function row(name, rounds, index, limit) {
  const bare = rounds.map((round) => round[2])
  return {
    name,
    value: `${median(rounds.map((round) => round[index])).toFixed(1)} MB`,
    yardstick: `idle node: ${median(bare).toFixed(1)} MB`,
    ratio: median(rounds.map((round) => round[index] / round[2])),
    limit,
  }
}
