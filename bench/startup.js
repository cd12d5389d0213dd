import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median } from './median.js'

const run = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const ROUNDS = 21

function wallMs(argv) {
  const began = performance.now()
  spawnSync(process.execPath, argv, { stdio: 'ignore' })
  return performance.now() - began
}

const healthCheck = (home) => [run, 'health', 'check', '--home', home]

/** Whole commands against `node -e 0`, and status against health check, in turn, so that a drift of the machine's speed hits both. */
export function startupBench(home) {
  return [
    ['catalyst health check', healthCheck(home), '<= 1.6'],
    ['catalyst --version', [run, '--version'], '<= 1.25'],
    ['catalyst deploy run --help', [run, 'deploy', 'run', '--help'], '<= 2.3'],
    ['catalyst status', [run, 'status', '--home', home], '<= 1.5', 'catalyst health check', healthCheck(home)],
  ].map(([name, argv, limit, yardstick = 'node -e 0', other = ['-e', '0']]) => {
    wallMs(argv)
    const rounds = Array.from({ length: ROUNDS }, () => [wallMs(argv), wallMs(other)])
    const [ours, bare] = [median(rounds.map(([a]) => a)), median(rounds.map(([, b]) => b))]
    return {
      name,
      value: `${ours.toFixed(0)} ms`,
      yardstick: `${yardstick}: ${bare.toFixed(0)} ms`,
      ratio: median(rounds.map(([a, b]) => a / b)),
      limit,
    }
  })
}
