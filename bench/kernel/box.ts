import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from './bundle.js'
import { ROOT } from './home.js'
import type { Bench } from './section.js'

const SCRIPT = join(ROOT, 'test', 'labs', 'systemd-box')
/** Where the box shows the folder that it shares with us. */
const SHARED = '/opt/box'
const CLI = `${SHARED}/catalyst/bin/run.js`
/** The home in the box, which belongs to alice. */
const HOME = `${SHARED}/home`

/** A bot that is ready after 200 ms; it only answers ok, on the health endpoint that comes with it. */
const VERSION = (tag: string) => `// ${tag}
let isReady
export default { name: 'bench', async cycle() {
  isReady ??= new Promise((resolve) => setTimeout(resolve, 200))
  await isReady
} }
`

export interface BoxOptions {
  readonly settings: Readonly<Record<string, string | number>>
  /** Units beside ours, by their names; `{shared}` in them is the folder with the yardsticks. */
  readonly units: Readonly<Record<string, string>>
  /** The script of `bench/inside/` that measures in the box. */
  readonly script: string
  readonly rounds: number
}

/**
 * Boots a real systemd in namespaces of its own, installs a bot as its service, and measures there. Returns what the script
 * has found; undefined where that can't be done, which is noted.
 */
export async function measureInBox<T>(
  bench: Bench,
  { settings, units, script, rounds }: BoxOptions,
): Promise<T | undefined> {
  const { scratch } = bench
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    bench.missing('services under systemd: the box needs Linux and root')
    return undefined
  }
  if ((await scratch.run(['systemctl', '--version']).catch(() => ({ code: 1 }))).code !== 0) {
    bench.missing('services under systemd: it is not here (Debian: apt-get install systemd systemd-sysv dbus)')
    return undefined
  }
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'systemd-box-')) // its name is that of the box, too
  chmodSync(folder, 0o755)
  const env = { BOX_DIR: folder }
  const box = (...words: readonly string[]) => scratch.output([SCRIPT, ...words], { env })
  scratch.closeLater(async () => {
    await scratch.run([SCRIPT, 'stop'], { env })
    rmSync(folder, { recursive: true, force: true })
  })
  const share = join(folder, 'share')
  for (const part of ['bin', 'dist', 'oclif.manifest.json', 'package.json'])
    cpSync(join(ROOT, part), join(share, 'catalyst', part), { recursive: true })
  for (const name of ['bare-server.js', 'notifying-server.js'])
    cpSync(join(ROOT, 'bench', 'yardsticks', name), join(share, name.replace('.js', '.mjs')))
  await bundle(script, join(share, 'measure.cjs'))
  await writeVersions(bench, join(share, 'home'), settings)
  for (const [name, text] of Object.entries(units)) {
    mkdirSync(join(share, 'units'), { recursive: true })
    writeFileSync(join(share, 'units', `${name}.service`), text.replaceAll('{shared}', SHARED))
  }
  await box('start')
  const install = `${process.execPath} ${CLI} service install --yes --home ${HOME}`
  const names = Object.keys(units).join(' ')
  const prepare =
    names && `cp ${SHARED}/units/* /etc/systemd/system/; systemctl daemon-reload; systemctl start ${names}`
  await box('exec', 'bash', '-c', `set -e; useradd alice; chown -R alice: ${HOME}; ${prepare}\n${install}`)
  await box('exec', process.execPath, `${SHARED}/measure.cjs`, String(rounds))
  return JSON.parse(readFileSync(join(share, 'figures.json'), 'utf8')) as T
}

/** Writes a repository whose tags v1 and v2 are versions of the bot. */
async function writeVersions({ scratch }: Bench, home: string, settings: BoxOptions['settings']): Promise<void> {
  const git = (...words: readonly string[]) =>
    scratch.output(['git', '-c', 'user.name=B', '-c', 'user.email=b@example.com', ...words], { cwd: home })
  mkdirSync(home, { recursive: true })
  const lines = Object.entries({ BOT_NAME: 'Bench', BOT_MODULE: 'bot.mjs', ...settings })
  writeFileSync(join(home, '.env'), lines.map(([name, value]) => `${name}=${value}\n`).join(''))
  await git('init', '--quiet')
  for (const tag of ['v1', 'v2']) {
    writeFileSync(join(home, 'bot.mjs'), VERSION(tag))
    await git('add', 'bot.mjs')
    await git('commit', '--quiet', '--message', tag)
    await git('tag', tag)
  }
}
