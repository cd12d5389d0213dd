import fs from 'node:fs'
import { expect } from 'chai'
import type { JournalEntry } from '#core/journal/journal.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import { NODE } from '../../support/e2e/process.js'
import { until } from '../../support/e2e/until.js'

const PYTHON = '/usr/bin/python3'

/** Writes down that its cleanup has run, as each of these programs does at its end. */
const ASYNC = `
import asyncio
async def main():
    try:
        print('ready', flush=True)
        await asyncio.sleep(1000)
    finally:
        await asyncio.sleep(0.05)
        open('clean', 'w').close()
asyncio.run(main())`

const HANDLER = `
import signal, threading
end = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: end.set())
print('ready', flush=True)
while not end.wait(0.05): pass
open('clean', 'w').close()`

const INTERRUPT = `
import time
try:
    print('ready', flush=True)
    time.sleep(1000)
except KeyboardInterrupt:
    open('clean', 'w').close()`

const NODE_HANDLER = `
import fs from 'node:fs'
process.on('SIGTERM', () => { fs.writeFileSync('clean', ''); process.exit(3) })
setInterval(() => {}, 1000)
console.log('ready')`

const BARE = "setInterval(() => {}, 1000); console.log('ready')"

describe('e2e: the stop of a program', () => {
  const { home: emptyHome } = endToEnd()

  function homeOf(command: string, code: string, settings: Record<string, string> = {}): Home {
    const home = emptyHome({ BOT_COMMAND: command, ...settings })
    home.write('bot.py', code)
    home.write('bot.mjs', code)
    fs.mkdirSync(home.path('.venv', 'bin'), { recursive: true })
    if (process.platform !== 'win32') fs.symlinkSync(PYTHON, home.path('.venv', 'bin', 'python'))
    return home
  }

  /** Stops it once it is ready. Returns the end that the journal has. */
  async function stopped(home: Home): Promise<JournalEntry> {
    const bot = home.start()
    await until(() => bot.output.includes('ready'))
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(home.kinds()).to.deep.equal(['bot.start', 'bot.stop'])
    return home.entry('bot.stop')
  }

  const INTERRUPTED = { exit: 130, program_exit: 'signal', signal: 'SIGINT' }
  const DONE = { exit: 0, program_exit: 'exited' }
  const programs: [string, string, string, object][] = [
    ['asyncio.run', `${PYTHON} bot.py`, ASYNC, INTERRUPTED],
    ['Python with a handler for SIGTERM', `${PYTHON} bot.py`, HANDLER, DONE],
    ['Python that catches KeyboardInterrupt', `${PYTHON} bot.py`, INTERRUPT, DONE],
    ['Python that a shell has become', `sh -c "exec ${PYTHON} bot.py"`, ASYNC, INTERRUPTED],
    ['Python behind a shell', `sh -c "${PYTHON} bot.py; true"`, ASYNC, DONE],
    ['Python in a virtual environment', '.venv/bin/python bot.py', ASYNC, INTERRUPTED],
    ['node with a handler', `${NODE} bot.mjs`, NODE_HANDLER, { exit: 3, program_exit: 'exited' }],
    ['node behind a shell', `sh -c "${NODE} bot.mjs; true"`, NODE_HANDLER, DONE],
  ]
  if (process.platform === 'linux')
    for (const [what, command, code, end] of programs) {
      it(`lets its cleanup run, and is told as it was: ${what}`, async () => {
        const home = homeOf(command, code)
        expect(await stopped(home)).to.include({ asked_by: 'SIGTERM', ...end })
        expect(home.has('clean')).to.equal(true)
        expect((await home.catalyst(['logs', '--level', 'error'])).stdout).to.equal('')
      })
    }

  if (process.platform !== 'win32') {
    it('is no exit 0 where a signal has ended it', async () => {
      const home = homeOf(`${NODE} bot.mjs`, BARE)
      expect(await stopped(home)).to.include({ exit: 143, program_exit: 'signal', signal: 'SIGTERM' })
      expect((await home.catalyst(['history'])).stdout).to.contain('; SIGTERM ended the program')
    })

    it('is by the signal that is set', async () => {
      const home = homeOf(`${NODE} bot.mjs`, BARE, { BOT_STOP_SIGNAL: 'SIGUSR2' })
      expect(await stopped(home)).to.include({ exit: 140, program_exit: 'signal', signal: 'SIGUSR2' })
    })

    it('ends a shell that starts the bot again and again', async () => {
      const home = homeOf(`sh -c "while true; do ${NODE} bot.mjs; done"`, NODE_HANDLER)
      expect(await stopped(home)).to.include({ exit: 143, program_exit: 'signal', signal: 'SIGTERM' })
    })
  }

  it('is told to be by force where it had to be', async () => {
    const deaf = `process.on('SIGTERM', () => {}); ${BARE}`
    const home = homeOf(`${NODE} bot.mjs`, deaf, { BOT_STOP_TIMEOUT: '0.5' })
    expect(await stopped(home)).to.include({ exit: 137, program_exit: 'killed' })
    expect((await home.catalyst(['history'])).stdout).to.contain('; the program had to be killed')
  })

  describe('by a command', () => {
    const WAITS = `
      import fs from 'node:fs'
      process.on('SIGTERM', () => process.exit(9))
      setInterval(() => fs.existsSync('please-stop') && process.exit(0), 20)
      console.log('ready')`
    const settings = { BOT_STOP_COMMAND: `${NODE} stop.mjs`, BOT_STOP_TIMEOUT: '4' }

    it('comes before the signal; the command sees the pid, and the log has its words', async () => {
      const home = homeOf(`${NODE} bot.mjs`, WAITS, settings)
      home.write(
        'stop.mjs',
        `import fs from 'node:fs'
        process.kill(Number(process.env.CATALYST_PID), 0)
        fs.writeFileSync('please-stop', '')
        console.log('asked in ' + process.cwd())`,
      )
      expect(await stopped(home)).to.include(DONE)
      expect(home.logged()).to.include(`asked in ${home.folder}`)
    })

    for (const [what, code, words] of [
      ['fails', 'process.exit(5)', 'BOT_STOP_COMMAND failed: exit code 5'],
      ['does not end', 'setInterval(() => {}, 1000)', 'BOT_STOP_COMMAND failed: it did not end within 3 s'],
      ['leaves it running', '', undefined],
    ] as const)
      it(`is followed by the signal where the command ${what}`, async () => {
        const home = homeOf(`${NODE} bot.mjs`, WAITS, settings)
        home.write('stop.mjs', code)
        const { exit, program_exit } = await stopped(home)
        const isWindows = process.platform === 'win32'
        expect({ exit, program_exit }).to.deep.equal(
          isWindows ? { exit: 137, program_exit: 'killed' } : { exit: 9, program_exit: 'exited' },
        )
        if (words !== undefined) expect(home.logged()).to.include(words)
      })

    it('is a fault of the settings where the command is not there', async () => {
      const home = homeOf(`${NODE} bot.mjs`, WAITS, { BOT_STOP_COMMAND: './no-such-file' })
      const { code, stdout, stderr } = await home.catalyst(['config', 'check'])
      expect(code).to.equal(78)
      expect(stdout + stderr).to.match(/BOT_STOP_COMMAND: \S*no-such-file can't be started/)
    })
  })
})
