import { readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { Bench } from './section.js'

/** Not a dependency: it is installed for the bench into a folder of its own, where a section asks for it. */
export const PM2 = 'pm2 7.0.4'
const PACKAGE = PM2.replace(' ', '@')

const INSTALL_MS = 180_000

/** pm2 with a daemon and files of its own. */
export interface Pm2 {
  readonly name: string
  /** The words that begin a command, and what it needs in its environment. */
  readonly words: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  run(...args: readonly string[]): Promise<string>
  daemonPid(): number
  appPid(app: string): number
}

let prefix: Promise<string | undefined> | undefined

/** Returns pm2, or undefined where it can't be installed, which is noted. Its daemon ends with the scratch. */
export async function findPm2(bench: Bench): Promise<Pm2 | undefined> {
  prefix ??= install(bench)
  const folder = await prefix
  if (folder === undefined) {
    bench.missing(`${PM2}: npm can't install it here`)
    return undefined
  }
  const { scratch } = bench
  const own = scratch.folder()
  // it takes node from PATH
  const env = { PM2_HOME: own, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` }
  const words = [process.execPath, join(folder, 'node_modules/pm2/bin/pm2')] as const
  const numberIn = (...file: readonly string[]) => Number(readFileSync(join(own, ...file), 'utf8'))
  scratch.closeLater(() => scratch.run([...words, 'kill'], { env }))
  return {
    name: PM2,
    words,
    env,
    run: (...args) => scratch.output([...words, ...args], { env }),
    daemonPid: () => numberIn('pm2.pid'),
    appPid: (app) => numberIn('pids', `${app}-0.pid`),
  }
}

async function install({ say, shared, environment: env }: Bench): Promise<string | undefined> {
  say(`installing ${PACKAGE} …`)
  const folder = shared.folder()
  const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', PACKAGE]
  const { code } = await shared.run(['npm', ...args], { env, timeout: INSTALL_MS }).catch(() => ({ code: 1 }))
  return code === 0 ? folder : undefined
}
