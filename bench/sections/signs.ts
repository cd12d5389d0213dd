import { join } from 'node:path'
import type { ObserveFigures } from '../inside/observe.js'
import { bundle } from '../kernel/bundle.js'
import { alone, paired } from '../kernel/row.js'
import type { Section } from '../kernel/section.js'

const ROUNDS = 9
/** The interval at which a program is observed by default. */
const INTERVAL_S = 30
const CONNECTIONS = 20

/** What watching the connections of a program costs: processor time, and a delay of our own event loop. */
export const signs: Section = {
  name: 'signs',
  about: `watching ${CONNECTIONS} connections of a program`,
  async run({ scratch, rounds }) {
    const script = await bundle('observe.ts', join(scratch.folder(), 'observe.cjs'))
    const words = [process.execPath, script, String(rounds(ROUNDS)), String(CONNECTIONS)] as const
    const { watching, idle, watchingDelay, idleDelay } = JSON.parse(await scratch.output(words)) as ObserveFigures
    const shares = watching.map((ms, index) => ((ms - (idle[index] as number)) / 1000 / INTERVAL_S) * 100)
    return [
      alone(`watching ${CONNECTIONS} connections each ${INTERVAL_S} s, of a core`, '%', shares, {
        goal: { of: 'value', atMost: 0.1 },
      }),
      // a program has a loop of its own, which is not touched
      paired("delay of Catalyst's own event loop meanwhile, 99th percentile", 'ms', watchingDelay, ['idle', idleDelay]),
    ]
  },
}
