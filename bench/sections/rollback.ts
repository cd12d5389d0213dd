import type { RollbackFigures } from '../inside/rollback-rounds.js'
import { measureInBox } from '../kernel/box.js'
import { alone, paired } from '../kernel/row.js'
import type { Section } from '../kernel/section.js'

const ROUNDS = 11
const SETTINGS = { SERVICE_RESTART_DELAY: 0.1, HEALTH_CHECK_PORT: 8202, DEPLOY_SETTLE_SECONDS: 0.2 }

/** From `deploy rollback` of a service to the first healthy answer of the other version. */
export const rollback: Section = {
  name: 'rollback',
  about: 'a rollback on disk against systemctl stop and start',
  async run(bench) {
    const options = { settings: SETTINGS, units: {}, script: 'rollback-rounds.ts', rounds: bench.rounds(ROUNDS) }
    const figures = await measureInBox<RollbackFigures>(bench, options)
    if (figures === undefined) return []
    const { rollback: ours, restart } = figures
    const name = 'rollback on disk, to the first healthy answer'
    return [
      paired(name, 'ms', ours, ['systemctl stop, start', restart], { goal: { of: 'ratio', atMost: 1.3 } }),
      alone(
        'what a rollback takes beyond that',
        'ms',
        ours.map((ms, index) => ms - (restart[index] as number)),
      ),
    ]
  },
}
