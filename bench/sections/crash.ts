import { measureRounds } from '../kernel/figures.js'
import { freePorts } from '../kernel/home.js'
import { findPm2 } from '../kernel/pm2.js'
import { paired } from '../kernel/row.js'
import type { Section } from '../kernel/section.js'
import { backAfterMs, underBareNode, underCatalyst, underPm2, underSupervisord } from '../kernel/supervised.js'

const ROUNDS = 15

/** From `kill -9` of what is supervised to the first answer of the next process. */
export const crash: Section = {
  name: 'crash',
  about: 'SIGKILL to the next answer, under the watchdog, a bare supervisor, pm2, supervisord',
  async run(bench) {
    const [own, plain, other, third] = (await freePorts(4)) as [number, number, number, number]
    const ours = await underCatalyst(bench, own, {})
    const bare = await underBareNode(bench, plain)
    const pm2 = await findPm2(bench)
    const others = [pm2 && (await underPm2(pm2, other)), await underSupervisord(bench, third)]
    const all = [ours, bare, ...others.filter((one) => one !== undefined)]
    const subjects = Object.fromEntries(all.map((one) => [one.name, () => backAfterMs(one, 'SIGKILL')]))
    const figures = await measureRounds(bench.rounds(ROUNDS), subjects)
    const of = (name: string) => figures[name] as number[]
    return all
      .filter((one) => one !== bare)
      .map((one) =>
        paired(`SIGKILL to the next answer: ${one.name}`, 'ms', of(one.name), [bare.name, of(bare.name)], {
          ...(one === ours && { goal: { of: 'ratio', atMost: 1.5 } }),
        }),
      )
  },
}
