import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { TestRepository } from '../support/deploy/repository.js'
import { ROOT } from '../support/e2e/root.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'

const BIN = join(ROOT, 'bin', 'run.js')
const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const LONGEST_MS = 45 * 60_000
/** A deployment of two files changes more than this; fewer points mean that the lab saw nothing. */
const LEAST_POINTS = 60

/**
 * The share of the calls at which each effect is tried. Both refusals of a disk are handled by the same code nearly
 * everywhere, so that each takes every second call, in half the time. `EVERY_CALL=1` tries all at each.
 */
const SHARES = { kill: [1, 1], ENOSPC: [1, 2], EROFS: [2, 2] } as const
type Effect = keyof typeof SHARES

/** A home at v1, with v2 to be shipped, or on disk to go back to; its settings have changed since v2 was active. */
function template(folder: string, isOnDisk: boolean): void {
  const repository = new TestRepository(folder)
  const settings = 'BOT_MODULE=bot.mjs\nWORD=then\n'
  fs.mkdirSync(join(folder, 'data'))
  fs.writeFileSync(join(folder, 'data', 'sentinel'), 'mine')
  fs.writeFileSync(join(folder, '.env'), settings)
  for (const name of ['v1', 'v2']) {
    repository.commit({ '.gitignore': '.env\ndata/\n', 'bot.mjs': `export default { name: '${name}', cycle() {} }\n` })
    repository.git('tag', name)
  }
  for (const name of isOnDisk ? ['v1', 'v2'] : []) deploy(folder, 'run', name)
  if (isOnDisk) deploy(folder, 'backup')
  deploy(folder, isOnDisk ? 'rollback' : 'run', 'v1')
  fs.writeFileSync(join(folder, '.env'), settings.replace('then', 'now'))
}

function shareOf(effect: Effect): readonly [first: number, of: number] {
  return process.env.EVERY_CALL === undefined ? SHARES[effect] : [1, 1]
}

function deploy(folder: string, ...words: string[]): void {
  const yes = words[0] === 'backup' ? [] : ['--yes']
  execFileSync(process.execPath, [BIN, 'deploy', ...words, ...yes, '--home', folder], { stdio: 'pipe' })
}

/** Cuts `deploy …` off at the effect's share of its calls, and says what came of it. */
async function cutOff(words: readonly string[], isOnDisk: boolean, effect: Effect): Promise<string> {
  const folder = tempFolder()
  const [home, kept] = [join(folder, 'home'), join(folder, 'kept')]
  template(kept, isOnDisk)
  fs.writeFileSync(
    `${home}.settings.json`,
    JSON.stringify(['then', 'now'].map((word) => `BOT_MODULE=bot.mjs\nWORD=${word}\n`)),
  )
  const args = [
    file('cut-power.sh'),
    ...['--under', home, '--effect', effect, '--share', shareOf(effect).join('/')],
    ...['--reset', `rm -rf ${home}; cp -a ${kept} ${home}`],
    ...['--check', `${process.execPath} ${file('whole.mjs')} ${home} ${BIN}`],
    ...['--', process.execPath, BIN, 'deploy', ...words, '--yes', '--home', home],
  ]
  const env = { ...process.env, NODE_OPTIONS: `--require ${file('same-each-run.cjs')}` }
  const lab = spawn('bash', args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [lab.stdout, lab.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  await new Promise((resolve) => lab.once('close', resolve))
  return output
}

/** The tests of one command, for each effect. */
export function describePowerCut(what: string, words: readonly string[], isOnDisk: boolean): void {
  describe(`power that is cut, or a disk that refuses, at any call of ${what}`, () => {
    after(removeTempFolders)

    for (const effect of Object.keys(SHARES) as Effect[]) {
      it(`leaves all whole, and what follows succeeds: ${effect}`, async function () {
        this.timeout(LONGEST_MS)
        const said = await cutOff(words, isOnDisk, effect)
        const [, points, missed, broken] = /^(\d+) points, (\d+) not cut, (\d+) broken$/m.exec(said) ?? []
        expect(broken, said).to.equal('0')
        expect(Number(points), said).to.be.above(LEAST_POINTS / shareOf(effect)[1])
        expect(Number(missed), said).to.be.below(Number(points) / 10)
      })
    }
  })
}
