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

/** Whole commands against `node -e 0`, in turn, so that a drift of the machine's speed hits both. */
export function startupBench(home) {
  return [
    ['catalyst health check', [run, 'health', 'check', '--home', home]],
    ['catalyst --version', [run, '--version']],
  ].map(([name, argv]) => {
    wallMs(argv)
    const rounds = Array.from({ length: ROUNDS }, () => [wallMs(argv), wallMs(['-e', '0'])])
    const [ours, bare] = [median(rounds.map(([a]) => a)), median(rounds.map(([, b]) => b))]
    return {
      name,
      value: `${ours.toFixed(0)} ms`,
      yardstick: `node -e 0: ${bare.toFixed(0)} ms`,
      ratio: median(rounds.map(([a, b]) => a / b)),
      limit: '<= 2.2',
    }
  })
}
