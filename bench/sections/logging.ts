import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { LoggingFigures } from '../inside/log-lines.js'
import { bundle } from '../kernel/bundle.js'
import { ROOT } from '../kernel/home.js'
import { alone, paired } from '../kernel/row.js'
import type { Section } from '../kernel/section.js'

const ROUNDS = 9

/** Lines a second into files, ours and pino's own; then what rotation loses at half of pino's rate. */
export const logging: Section = {
  name: 'logging',
  about: "log lines a second against pino's own, synchronous and by its transport; lines lost in rotation",
  async run({ scratch, rounds }) {
    const folder = scratch.folder()
    // it looks like the package: the thread that writes is the package's own
    mkdirSync(join(folder, 'dist'))
    for (const file of ['oclif.manifest.json', 'dist/log-writer.cjs'])
      copyFileSync(join(ROOT, file), join(folder, file))
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
    const script = await bundle('log-lines.ts', join(folder, 'dist', 'log-lines.cjs'))
    const count = rounds(ROUNDS)
    const text = await scratch.output([process.execPath, script, join(folder, 'logs'), String(count)])
    const { ours, sync, transport, rotation } = JSON.parse(text) as LoggingFigures
    const name = 'log lines, redacted, into rotating files'
    return [
      paired(name, 'lines/s', ours, ['pino, synchronous', sync], { goal: { of: 'ratio', atLeast: 1 } }),
      paired(name, 'lines/s', ours, ["pino's transport", transport]),
      alone(`log lines lost in ${rotation.rotations} rotations`, 'lines', [rotation.lost], {
        goal: { of: 'value', atMost: 0 },
        note: `of ${rotation.lines}, at ${Math.round(rotation.reached / 1000)}k lines/s`,
      }),
    ]
  },
}
