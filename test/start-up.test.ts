import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ROOT } from './support/e2e/root.js'
import { tempFolder } from './support/temp.js'

/** Counted and not timed: the same on every machine. `npm run bench` has the times. */
describe('the start of a command', () => {
  /** Returns node's own modules that a command line loads until its end, or until it listens, and our files that it reads. */
  function loadedBy(...words: string[]): { modules: string[]; bytes: number } {
    const folder = tempFolder()
    const [hook, out] = [join(folder, 'hook.cjs'), join(folder, 'loaded.json')]
    fs.writeFileSync(
      hook,
      `const fs = require('fs'), { readFileSync, openSync, readSync } = fs
const isOurs = (path) => String(path).startsWith(${JSON.stringify(ROOT)})
let bytes = 0
let ours = -1
fs.readFileSync = (path, ...more) => {
  const content = readFileSync(path, ...more)
  if (isOurs(path)) bytes += content.length
  return content
}
fs.openSync = (path, ...more) => {
  const file = openSync(path, ...more)
  if (isOurs(path)) ours = file
  else if (ours === file) ours = -1
  return file
}
fs.readSync = (file, ...more) => {
  const read = readSync(file, ...more)
  if (file === ours) bytes += read
  return read
}
const told = () => {
  const modules = process.moduleLoadList.filter((name) => name.startsWith('NativeModule'))
  fs.writeFileSync(${JSON.stringify(out)}, JSON.stringify({ modules, bytes }))
}
process.on('exit', told)
require('net').Server.prototype.listen = () => {
  told()
  process.kill(process.pid, 'SIGKILL')
}
`,
    )
    const env = { PATH: process.env.PATH, HOME: folder, CATALYST_CHILD: '1' }
    try {
      execFileSync(process.execPath, ['-r', hook, ...words], { cwd: folder, env, stdio: 'ignore' })
    } catch {
      // health check says by its exit code that no bot runs, and what listens is killed
    }
    return JSON.parse(fs.readFileSync(out, 'utf8'))
  }

  const run = join(ROOT, 'bin', 'run.js')
  const bare = new Set(loadedBy('-e', '0').modules)
  const beyond = (modules: string[]) => modules.filter((name) => !bare.has(name))

  it('reads nothing but its name and version to say them', () => {
    const { modules, bytes } = loadedBy(run, '--version')
    expect(beyond(modules).length, beyond(modules).join()).to.be.at.most(25)
    expect(bytes).to.be.at.most(11_000)
  })

  it('loads neither oclif nor what starts programs, hashes or unpacks for `health check`', () => {
    const home = tempFolder()
    fs.writeFileSync(join(home, '.env'), 'BOT_MODULE=bot.mjs\n')
    const { modules, bytes } = loadedBy(run, 'health', 'check', '--home', home)
    const more = beyond(modules)
    expect(more.length, more.join()).to.be.at.most(38)
    expect(more.join()).to.not.match(/ (crypto|child_process|zlib|tls|https?|worker_threads|fs\/promises)\b/)
    expect(bytes).to.be.at.most(200_000)
  })

  it('loads nothing that hashes, unpacks, measures, or starts programs and threads before a bot listens again', () => {
    const home = tempFolder()
    for (const settings of ['BOT_MODULE=bot.mjs', `BOT_COMMAND=${process.execPath} bot.mjs`]) {
      fs.writeFileSync(join(home, '.env'), `${settings}\nHEALTH_CHECK_PORT=0\n`)
      fs.writeFileSync(join(home, 'bot.mjs'), '')
      loadedBy(run, 'bot', 'start', '--home', home)
      const { modules, bytes } = loadedBy(run, 'bot', 'start', '--home', home) // as after a crash
      const more = beyond(modules)
      expect(more.join(), settings).to.match(/ http\b/)
      expect(more.join(), settings).to.not.match(
        / (crypto|child_process|zlib|tls|https|worker_threads|fs\/promises|perf_hooks)\b/,
      )
      expect(more.length, more.join()).to.be.at.most(40)
      expect(bytes).to.be.at.most(1_300_000)
    }
  })

  it('reads no manifest, and loads nothing of oclif that asks disks, for a command that is named', () => {
    const home = tempFolder()
    fs.writeFileSync(join(home, '.env'), 'BOT_MODULE=bot.mjs\n')
    const { modules, bytes } = loadedBy(run, 'deploy', 'backups', '--home', home)
    expect(beyond(modules).join()).to.not.match(/ (fs\/promises|crypto|child_process|zlib|worker_threads)\b/)
    const bundle = ['catalyst.cjs', 'catalyst.cjs.cache'].map((name) => fs.statSync(join(ROOT, 'dist', name)).size)
    expect(bytes).to.be.at.most((bundle[0] as number) + (bundle[1] as number) + 10_000)
  })

  it('loads the manifest for help, and none of our commands', () => {
    const { modules, bytes } = loadedBy(run, 'deploy', 'run', '--help')
    expect(beyond(modules).join()).to.not.match(/ (crypto|child_process|zlib|https?|worker_threads)\b/)
    expect(bytes).to.be.at.most(550_000)
  })

  it('reads bundles in which each character is one byte, which are read as Latin-1', () => {
    const dist = join(ROOT, 'dist')
    const bundles = fs.readdirSync(dist).filter((name) => name.endsWith('.cjs.cache'))
    expect(bundles).to.include('bot.cjs.cache')
    const isAscii = (name: string) =>
      fs.readFileSync(join(dist, name.slice(0, -'.cache'.length))).every((byte) => byte < 128)
    expect(bundles.filter((name) => !isAscii(name))).to.deep.equal([])
  })
})
