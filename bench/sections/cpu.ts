import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AS_SERVICE, CATALYST, IDLE_MODULE, startBot, waitUntil, writeHome } from '../kernel/home.js'
import { cpuUs } from '../kernel/process-figures.js'
import { alone } from '../kernel/row.js'
import type { Section } from '../kernel/section.js'

const ROUNDS = 9
/** The setting's default is 60 s: 9 of those would be 9 minutes. The time of a look is the same. */
const INTERVAL_S = 10
const DEFAULT_INTERVAL_S = 60
const WARM_UP_MS = 15_000

/** Processor time of a watchdog for each look at a bot that somebody else has started, and what that is of a core. */
export const cpu: Section = {
  name: 'cpu',
  about: 'processor time of a watchdog that watches',
  async run({ scratch, rounds, say }) {
    const home = writeHome(
      scratch.folder(),
      { HEALTH_CHECK_PORT: 0, WATCHDOG_ENABLED: 1, WATCHDOG_CHECK_INTERVAL: INTERVAL_S },
      IDLE_MODULE,
    )
    await startBot(scratch, home, { env: AS_SERVICE })
    const watchdog = scratch.start([...CATALYST, 'watchdog', 'run', '--home', home], { env: AS_SERVICE })
    const status = () => JSON.parse(readFileSync(join(home, '.catalyst', 'state', 'watchdog.json'), 'utf8')).status
    await waitUntil('a watchdog that watches', () => status() === 'healthy')
    await sleep(WARM_UP_MS)
    const used: number[] = []
    for (const count = rounds(ROUNDS); used.length < count; ) {
      say(`cpu: interval ${used.length + 1} of ${count}`)
      const before = cpuUs(watchdog.pid as number)
      await sleep(INTERVAL_S * 1000)
      used.push((cpuUs(watchdog.pid as number) - before) / 1000)
    }
    if (status() !== 'healthy') throw new Error(`the watchdog has not watched: to it the bot is ${status()}`)
    const shares = used.map((ms) => (ms / 1000 / DEFAULT_INTERVAL_S) * 100)
    return [
      alone(`processor time of watchdog run in ${INTERVAL_S} s with a look`, 'ms', used),
      alone('of a core, at the default interval of 60 s, at most', '%', shares, { goal: { of: 'value', atMost: 0.2 } }),
    ]
  },
}
