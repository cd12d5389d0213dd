import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { aroundLastError, errorOutput, problemsIn } from '#core/deploy/gate/error-output.js'
import { openNobodysHome } from '../../../support/deploy/deploy.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

const AT = Date.parse('2026-03-01T12:00:00Z')

function logged(level: string, msg: string, more: object = {}, at = AT): string {
  return JSON.stringify({ level, time: new Date(at).toISOString(), msg, ...more })
}

describe('the error output of a failed version', () => {
  afterEach(removeTempFolders)

  it('names the dependency that node misses, and not the end of its trace', () => {
    const trace = [
      'node:internal/modules/cjs/loader:1228',
      '  throw err;',
      '  ^',
      '',
      "Error: Cannot find module 'left-pad'",
      'Require stack:',
      '- /home/ann/bot/index.js',
      '    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)',
      '    at Module._load (node:internal/modules/cjs/loader:1051:27) {',
      "  code: 'MODULE_NOT_FOUND',",
      '}',
      '',
      'Node.js v20.20.2',
    ]
    expect(aroundLastError(trace)).to.include("Error: Cannot find module 'left-pad'").and.have.length.at.most(5)
  })

  it('names the file and the line of a syntax error', () => {
    const trace = [
      'file:///home/ann/bot/bot.mjs:3',
      'export default {',
      '              ^',
      'SyntaxError: Unexpected end of input',
    ]
    expect(aroundLastError(trace)).to.deep.equal(trace)
  })

  it('names what Python misses, and where', () => {
    const trace = [
      'Traceback (most recent call last):',
      '  File "/home/ann/bot/bot.py", line 1, in <module>',
      '    import discord',
      "ModuleNotFoundError: No module named 'discord'",
    ]
    expect(aroundLastError(trace)).to.deep.equal(trace)
  })

  it('is its last lines where none names an error', () => {
    expect(aroundLastError(['1', '2', '3', '4', '5', '6'])).to.deep.equal(['2', '3', '4', '5', '6'])
  })

  it('leaves out lines from before its start, and lines below warnings', () => {
    const lines = [logged('error', 'old', {}, AT - 1), logged('info', 'fine'), logged('warn', 'new'), 'torn {']
    expect(problemsIn(lines, AT)).to.deep.equal(['new'])
  })

  it('has the stack of a module, too', () => {
    const err = { stack: 'Error: no such price\n    at cycle (/home/ann/bot/bot.mjs:3:9)' }
    expect(problemsIn([logged('fatal', 'the bot crashed: no such price', { err })], AT)).to.deep.equal([
      'the bot crashed: no such price',
      'Error: no such price',
      '    at cycle (/home/ann/bot/bot.mjs:3:9)',
    ])
  })

  it('holds no secret and steers no terminal, also where it exited before it had a log', async () => {
    const folder = tempFolder()
    fs.writeFileSync(join(folder, '.env'), 'MY_TOKEN=my-long-secret\n')
    const home = await openNobodysHome(folder)
    fs.mkdirSync(home.paths.logs, { recursive: true })
    const said = 'Error: 401 for my-long-secret \u001b]0;own\u0007'
    fs.writeFileSync(join(home.paths.logs, 'service_stderr.log'), `${said}\n`)
    const fromService = errorOutput(home, Date.now() - 60_000).join('\n')
    fs.writeFileSync(join(home.paths.logs, 'watchdog.log'), `${logged('warn', `the bot says: ${said}`)}\n`)
    const fromWatchdog = errorOutput(home, AT).join('\n')
    for (const text of [fromService, fromWatchdog]) {
      expect(text).to.match(/^Error: 401 for \[hidden\]/)
      expect(text).to.not.include('\u0007').and.not.include('\u001b')
    }
  })
})
