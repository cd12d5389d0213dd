// Runs in the box: how long a rollback takes, and a bare stop and start of the same service.
import { measureRounds } from '../kernel/figures.js'
import { CLI, catalyst, HOME, ROUNDS, untilHealthyMs, writeFigures } from './in-box.js'

export type RollbackFigures = Record<'rollback' | 'restart', number[]>

async function main(): Promise<void> {
  for (const tag of ['v1', 'v2']) catalyst('deploy', 'run', tag, '--yes')
  let active = 'v2'
  const figures = await measureRounds(ROUNDS, {
    rollback() {
      active = active === 'v1' ? 'v2' : 'v1'
      const words = [CLI, 'deploy', 'rollback', active, '--yes', '--home', HOME]
      return untilHealthyMs(process.execPath, words, active)
    },
    restart: () => untilHealthyMs('sh', ['-c', 'systemctl stop Bench && systemctl start Bench']),
  })
  writeFigures(figures satisfies RollbackFigures)
}

void main()
