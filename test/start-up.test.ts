import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ROOT } from './support/e2e/root.js'
import { tempFolder } from './support/temp.js'

/** Counted and not timed: the same on every machine. `npm run bench` has the times. */
describe('the start of a command', () => {
  /** Returns node's own modules that a command line loads, and our files that it reads. */
  function loadedBy(...words: string[]): { modules: string[]; bytes: number } {
    const folder = tempFolder()
    const [hook, out] = [join(folder, 'hook.cjs'), join(folder, 'loaded.json')]
    fs.writeFileSync(
      hook,
      `const fs = require('fs'), read = fs.readFileSync
let bytes = 0
fs.readFileSync = (path, ...more) => {
  const content = read(path, ...more)
  if (String(path).startsWith(${JSON.stringify(ROOT)})) bytes += content.length
  return content
}
process.on('exit', () => {
  const modules = process.moduleLoadList.filter((name) => name.startsWith('NativeModule'))
  fs.writeFileSync(${JSON.stringify(out)}, JSON.stringify({ modules, bytes }))
})
`,
    )
    const env = { PATH: process.env.PATH, HOME: folder }
    try {
      execFileSync(process.execPath, ['-r', hook, ...words], { cwd: folder, env, stdio: 'ignore' })
    } catch {
      // health check says by its exit code that no bot runs
    }
    return JSON.parse(fs.readFileSync(out, 'utf8'))
  }

  const run = join(ROOT, 'bin', 'run.js')
  const bare = new Set(loadedBy('-e', '0').modules)
  const beyond = (modules: string[]) => modules.filter((name) => !bare.has(name))

  it('reads nothing but its name and version to say them', () => {
    const { modules, bytes } = loadedBy(run, '--version')
    expect(beyond(modules).length, beyond(modules).join()).to.be.at.most(25)
    expect(bytes).to.be.at.most(10_000)
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

  it('loads the manifest for help, and none of our commands', () => {
    const { modules, bytes } = loadedBy(run, 'deploy', 'run', '--help')
    expect(beyond(modules).join()).to.not.match(/ (crypto|child_process|zlib|https?|worker_threads)\b/)
    expect(bytes).to.be.at.most(550_000)
  })
})
