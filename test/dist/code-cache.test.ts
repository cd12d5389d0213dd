import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ROOT } from '../support/e2e/root.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'

const { nodeProgram } = await import(join(ROOT, 'scripts/dist/nodes.js'))

describe('the code cache that is shipped', () => {
  afterEach(removeTempFolders)

  /** Makes that of a bot at so many seconds of a minute. */
  async function made(second: number): Promise<Buffer> {
    const clock = `const { now } = Date, by = ${second * 1000} - now() % 60000; Date.now = () => now() + by`
    const folder = tempFolder()
    for (const part of ['dist', 'package.json', 'oclif.manifest.json'])
      fs.cpSync(join(ROOT, part), join(folder, part), { recursive: true })
    const bundle = join(folder, 'dist/bot.cjs')
    for (const words of [
      ['--import', `data:text/javascript,${encodeURIComponent(clock)}`, join(ROOT, 'scripts/code-cache.js')],
      [join(ROOT, 'scripts/dist/renumber-code-cache.js')],
    ]) {
      const args = ['--hash-seed=1', '--random-seed=1', ...words, bundle, 'bot.cjs']
      const child = spawn(await nodeProgram('linux-x64'), args, { stdio: ['ignore', 'ignore', 'inherit'] })
      expect(await once(child, 'exit')).to.deep.equal([0, null])
    }
    return fs.readFileSync(`${bundle}.cache`)
  }

  it('is the same where a minute turns meanwhile', async () => {
    const [young, old] = await Promise.all([made(10), made(58)])
    expect(young.length).to.equal(old.length)
  })
})
