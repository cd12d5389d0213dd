// `npm run bench`: what we promise, side by side with a yardstick in the same run, as ratios. Not a test: machines differ.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { listTagsBench } from './list-tags.js'
import { loggingBench } from './logging.js'
import { memoryBench } from './memory.js'
import { pageBench } from './page.js'
import { pingBench } from './ping.js'
import { serviceBench } from './service.js'
import { signsBench } from './signs.js'
import { startupBench } from './startup.js'
import { watchdogCpuBench, watchdogCrashBench } from './watchdog.js'

const run = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const homes = []
function newHome() {
  homes.push(mkdtempSync(join(tmpdir(), 'catalyst-bench-')))
  return homes.at(-1)
}

async function startBot(home) {
  const child = spawn(process.execPath, [run, 'bot', 'start', '--demo', '--home', home], {
    stdio: 'ignore',
    env: { ...process.env, HEALTH_CHECK_PORT: '0', BOT_CYCLE_SECONDS: '3600' },
  })
  for (let attempt = 0; attempt < 100; attempt++) {
    await sleep(100)
    try {
      const { endpoint } = JSON.parse(readFileSync(join(home, '.catalyst', 'state', 'bot.json'), 'utf8'))
      if (endpoint) return { child, pid: child.pid, port: endpoint.port }
    } catch {}
  }
  throw new Error('the bot did not come up')
}

const say = (text) => process.stderr.write(`${text}\n`)
const rows = []
let cpu
try {
  // it runs beside all the rest
  if (process.platform === 'linux') cpu = await watchdogCpuBench(newHome)
  else say('CPU of the watchdog: left out, it is read from /proc')
  const home = newHome()
  const bot = await startBot(home)
  say('starting up …')
  rows.push(...startupBench(home))
  say('listing tags …')
  rows.push(...listTagsBench(newHome))
  say('pinging …')
  rows.push(...(await pingBench(bot)))
  bot.child.kill('SIGTERM')
  await new Promise((resolve) => bot.child.once('exit', resolve))
  say('logging …')
  rows.push(...(await loggingBench()))
  if (process.platform === 'linux') {
    say('watching connections …')
    rows.push(...(await signsBench()))
  }
  if (process.getuid?.() === 0) {
    say('crashing …')
    rows.push(...serviceBench())
  } else say('services: left out, they need root')
  say('idling …')
  rows.push(...(await memoryBench(newHome)))
  if (process.platform === 'linux') {
    say('looking at the page …')
    rows.push(...(await pageBench(newHome)))
  }
  say('crashing under the watchdog …')
  rows.push(...(await watchdogCrashBench(newHome)))
  if (cpu) {
    say('idling, until CPU time has been counted for long enough …')
    rows.push(...(await cpu.rows()))
  }
} finally {
  await cpu?.close()
  for (const home of homes) rmSync(home, { recursive: true, force: true })
}

const table = [['what', 'value', 'yardstick', 'ratio', 'limit']]
for (const { name, value, yardstick, ratio, limit } of rows) {
  table.push([
    name,
    String(value),
    String(yardstick),
    typeof ratio === 'number' ? ratio.toFixed(2) : String(ratio),
    String(limit),
  ])
}
const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)))
for (const row of table)
  process.stdout.write(
    `${row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd()}\n`,
  )
