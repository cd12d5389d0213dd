import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from '../kernel/home.js'
import { answers } from '../kernel/http.js'
import { findPm2 } from '../kernel/pm2.js'
import { alone, never, type Row } from '../kernel/row.js'
import type { Section } from '../kernel/section.js'
import {
  backAfterMs,
  type Supervised,
  underBareNode,
  underCatalyst,
  underPm2,
  underSupervisord,
} from '../kernel/supervised.js'

const ROUNDS = 9
/** The threshold from which silence counts as a freeze, in seconds: much shorter than the default of 300. */
const THRESHOLD = 5
const WATCHED_S = 30

/** From SIGSTOP of what is supervised to the first answer of the next process. */
export const freeze: Section = {
  name: 'freeze',
  about: 'SIGSTOP to the next answer, under the watchdog; whether others notice',
  async run(bench) {
    const [own, plain, other, third] = (await freePorts(4)) as [number, number, number, number]
    const settings = { WATCHDOG_CHECK_INTERVAL: 1, WATCHDOG_FREEZE_THRESHOLD: THRESHOLD, WATCHDOG_MAX_RESTARTS: 1000 }
    const ours = await underCatalyst(bench, own, settings)
    const pm2 = await findPm2(bench)
    const others = [
      await underBareNode(bench, plain),
      pm2 && (await underPm2(pm2, other)),
      await underSupervisord(bench, third),
    ].filter((one) => one !== undefined)
    for (const one of others) process.kill(one.pid(), 'SIGSTOP')
    const watched = Promise.all(others.map(whetherBack))
    const count = bench.rounds(ROUNDS)
    const seconds: number[] = []
    while (seconds.length < count) seconds.push((await backAfterMs(ours, 'SIGSTOP')) / 1000)
    const threshold = `threshold of ${THRESHOLD} s, a look each second`
    return [
      alone(`SIGSTOP to the next answer: ${ours.name}`, 's', seconds, { note: threshold }),
      alone(
        'beyond the threshold',
        's',
        seconds.map((one) => one - THRESHOLD),
      ),
      ...(await watched),
    ]
  },
}

/** Waits for one that does not come; one that does is told with its time. */
async function whetherBack(one: Supervised): Promise<Row> {
  const name = `SIGSTOP to the next answer: ${one.name}`
  const pid = one.pid()
  const began = performance.now()
  for (;;) {
    const passed = (performance.now() - began) / 1000
    if (one.pid() !== pid && (await answers(one.address, 500))) return alone(name, 's', [passed])
    if (passed > WATCHED_S) return never(name, WATCHED_S)
    await sleep(100)
  }
}
