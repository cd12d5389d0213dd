import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { defineBot } from '../src/index.js'
import { tempFolder } from './support/temp.js'

const root = fileURLToPath(new URL('..', import.meta.url))

describe('the package', () => {
  it('gives a bot module its types and changes nothing', () => {
    const bot = { name: 'x', cycle() {} }
    expect(defineBot(bot)).to.equal(bot)
  })

  it('is imported by name, with types that need nothing of the sources', () => {
    const folder = mkdtempSync(join(tempFolder(), 'user-'))
    writeFileSync(
      join(folder, 'bot.mjs'),
      `import { defineBot } from ${JSON.stringify(join(root, 'dist', 'index.js'))}\nprocess.stdout.write(defineBot({ name: 'mine', cycle() {} }).name)`,
    )
    expect(execFileSync(process.execPath, [join(folder, 'bot.mjs')], { encoding: 'utf8' })).to.equal('mine')
    for (const file of ['index.d.ts', 'core/bot/contract.d.ts']) {
      expect(readFileSync(join(root, 'dist', 'types', file), 'utf8')).to.not.include("'#")
    }
  })

  it('says what to do when it was not built', () => {
    const folder = tempFolder()
    execFileSync(process.execPath, [
      '-e',
      `require('fs').cpSync(${JSON.stringify(join(root, 'bin'))}, ${JSON.stringify(join(folder, 'bin'))}, { recursive: true })`,
    ])
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    try {
      execFileSync(process.execPath, [join(folder, 'bin', 'run.js')], { stdio: 'pipe' })
      expect.fail('it ran')
    } catch (error) {
      expect(String((error as { stderr: Buffer }).stderr)).to.equal('catalyst is not built yet. Run: npm run build\n')
    }
  })

  it("has Windows' starters with Windows' line ends", () => {
    for (const [name, starts] of [
      ['run', 'run.js'],
      ['dev', 'dev.mjs'],
    ]) {
      const text = readFileSync(join(root, 'bin', `${name}.cmd`), 'utf8')
      expect(text).to.include(`"%~dp0\\${starts}" %*`)
    }
  })
})
