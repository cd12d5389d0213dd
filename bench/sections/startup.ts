import { measureRounds } from '../kernel/figures.js'
import { startBot, writeHome, yardstick } from '../kernel/home.js'
import { findPm2 } from '../kernel/pm2.js'
import { paired, type RowOptions } from '../kernel/row.js'
import type { Words } from '../kernel/scratch.js'
import type { Bench, Section } from '../kernel/section.js'

const ROUNDS = 15
/** No service is installed here: `service status` says so by its exit code, too. */
const NO_SERVICE = [0, 1, 3]

/** Whole commands, from their start to their end, against the quickest that node itself can be. */
export const startup: Section = {
  name: 'startup',
  about: 'whole commands against `node -e 0` and `pm2 jlist`',
  async run(bench) {
    const { scratch, catalyst } = bench
    const home = writeHome(scratch.folder(), { HEALTH_CHECK_PORT: 0, BOT_CYCLE_SECONDS: 3600 })
    await startBot(scratch, home, { words: ['--demo'] })
    const pm2 = await pm2WithAnApp(bench)
    const timed = (words: Words, codes?: readonly number[], env?: Readonly<Record<string, string>>) => () =>
      scratch.wallMs(words, { cwd: home, ...(codes && { codes }), ...(env && { env }) })
    const ours = (...words: readonly string[]) => timed([...catalyst, ...words])
    const figures = await measureRounds(bench.rounds(ROUNDS), {
      node: timed([process.execPath, '-e', '0']),
      version: ours('--version'),
      health: ours('health', 'check', '--home', home),
      help: ours('deploy', 'run', '--help'),
      status: ours('status', '--home', home),
      service: timed([...catalyst, 'service', 'status', '--home', home], NO_SERVICE),
      jlist: pm2 && timed([...pm2.words, 'jlist'], [0], pm2.env),
    })
    const { node, jlist } = figures
    const row = (name: string, values: readonly number[], options?: RowOptions) =>
      paired(name, 'ms', values, ['node -e 0', node], options)
    return [
      row('catalyst --version', figures.version, { goal: { of: 'ratio', atMost: 1.25 } }),
      row('catalyst health check', figures.health, { goal: { of: 'ratio', atMost: 1.6 } }),
      row('catalyst deploy run --help', figures.help, { goal: { of: 'ratio', atMost: 2.3 } }),
      row('catalyst status', figures.status),
      row('catalyst service status, no service installed', figures.service),
      ...(pm2
        ? [
            row(`${pm2.name} jlist`, jlist),
            paired('catalyst status', 'ms', figures.status, [`${pm2.name} jlist`, jlist]),
            paired('catalyst health check', 'ms', figures.health, [`${pm2.name} jlist`, jlist]),
          ]
        : []),
    ]
  },
}

async function pm2WithAnApp(bench: Bench) {
  const pm2 = await findPm2(bench)
  await pm2?.run('start', yardstick('bare-server.js'), '--name', 'bare')
  return pm2
}
