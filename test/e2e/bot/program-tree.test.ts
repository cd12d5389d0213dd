import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import { isAlive } from '../../support/e2e/still-running.js'
import { until } from '../../support/e2e/until.js'

/** Starts Node on `code`, and leaves it alone at once. */
const FORK = `
import fs from 'node:fs'
import { spawn } from 'node:child_process'
const DEAF = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"
const QUIET = 'setInterval(() => {}, 1000)'
const start = (code, options) => spawn(process.execPath, ['-e', code], { stdio: 'ignore', ...options })
/** A child that starts a child and ends: the grandchild is nobody's. */
const twice = (code, options = {}) => start(
  'const { spawn } = require("node:child_process");' +
  'const child = spawn(process.execPath, ["-e", ' + JSON.stringify(code) + '], { stdio: "ignore", ...' + JSON.stringify(options) + ' });' +
  'require("node:fs").appendFileSync("pids", child.pid + "\\\\n"); child.unref()',
  options,
)
const mine = (child) => fs.appendFileSync('pids', child.pid + '\\n')
`

/** Waits until the program has written down this many processes that it started, and returns their pids. */
async function pidsOf(home: Home, count: number): Promise<number[]> {
  const pids = await until(() => {
    const lines = home.read('pids').split('\n').slice(0, -1)
    return lines.length >= count && lines.map(Number)
  })
  expect(pids.every(isAlive)).to.equal(true)
  return pids
}

describe('e2e: what a program starts', () => {
  const { programHome } = endToEnd()

  // found by its process group, and by the instance in its environment (Linux alone shows those)
  const forks: [string, string][] = [
    ['a child', 'mine(start(QUIET))'],
    ['a child that ignores SIGTERM', 'mine(start(DEAF))'],
    ['a grandchild in the same group, with an empty environment', 'twice(QUIET, { env: {} })'],
    ...(process.platform === 'linux'
      ? ([
          ['a grandchild in a session of its own', 'twice(QUIET, { detached: true })'],
          ['a grandchild in a session of its own that ignores SIGTERM', 'twice(DEAF, { detached: true })'],
        ] satisfies [string, string][])
      : []),
  ]

  for (const [what, code] of forks) {
    it(`is gone when the bot was asked to end: ${what}`, async () => {
      const home = programHome(`${FORK}\n${code}\nsetInterval(() => {}, 1000)`)
      const bot = home.start()
      const pids = await pidsOf(home, 1)
      bot.kill('SIGTERM')
      expect((await bot.result()).code).to.equal(0)
      expect(pids.filter(isAlive)).to.deep.equal([])
    })

    it(`is gone when the program ended by itself: ${what}`, async () => {
      const home = programHome(`${FORK}\n${code}\nsetInterval(() => fs.existsSync('end') && process.exit(4), 20)`)
      const bot = home.start()
      const pids = await pidsOf(home, 1)
      home.write('end', '')
      expect((await bot.result()).code).to.equal(4)
      expect(pids.filter(isAlive)).to.deep.equal([])
      expect(home.logged()).to.include('the program left processes behind: ending them')
    })
  }

  it('is a bot in the background where the program ends at once: it is told to stay in the foreground', async () => {
    const home = programHome(`${FORK}\ntwice(QUIET)\nsetInterval(() => fs.existsSync('end') && process.exit(0), 20)`)
    const bot = home.start()
    const pids = await pidsOf(home, 1)
    home.write('end', '')
    expect((await bot.result()).code).to.equal(0)
    expect(pids.filter(isAlive)).to.deep.equal([])
    const advice = 'it put itself into the background: start it in the foreground (for example without -d or --daemon)'
    const told = home.logged().filter((line) => line.startsWith('the program'))
    expect(told).to.deep.equal([`the program exited, and what it left running is ended, too: ${advice}`])
    expect(home.journal().at(-1)).to.include({ kind: 'bot.exit', exit: 0, reason: advice })
  })

  it('is killed with it when it does not end within BOT_STOP_TIMEOUT', async () => {
    const home = programHome(
      `${FORK}
      process.on('SIGTERM', () => console.log('never'))
      mine(start(DEAF))
      if (process.platform === 'linux') twice(DEAF, { detached: true })
      setInterval(() => {}, 1000)`,
      { BOT_STOP_TIMEOUT: '2' },
    )
    const bot = home.start()
    const pids = [...(await pidsOf(home, process.platform === 'linux' ? 2 : 1)), await home.programPid()]
    const began = performance.now()
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(performance.now() - began).to.be.within(2000, 8000)
    expect(pids.filter(isAlive)).to.deep.equal([])
    const logged = home.logged()
    expect(logged).to.include('never')
    expect(logged).to.include('the program did not end within 2 s: it is killed with all that it started')
  })

  it('a second Ctrl-C kills it at once', async () => {
    const home = programHome(`${FORK}\nprocess.on('SIGTERM', () => {})\nmine(start(DEAF))\nsetInterval(() => {}, 1000)`)
    const bot = home.start()
    const pids = [...(await pidsOf(home, 1)), await home.programPid()]
    const began = performance.now()
    bot.kill('SIGINT')
    await until(() => bot.output.includes('stopping (SIGINT)'))
    bot.kill('SIGINT')
    expect((await bot.result()).code).to.equal(0)
    expect(performance.now() - began).to.be.lessThan(3500) // it and its child ignore SIGTERM: each would be given 2 s
    expect(pids.filter(isAlive)).to.deep.equal([])
  })

  it('left over by a killed predecessor is ended by the next start, before that runs anything', async () => {
    const home = programHome(
      `${FORK}
      mine(process)
      mine(start(QUIET))
      if (process.platform === 'linux') twice(DEAF, { detached: true })
      setInterval(() => {}, 1000)`,
    )
    const count = process.platform === 'linux' ? 3 : 2
    const killed = await home.healthy()
    const pids = await pidsOf(home, count)
    killed.kill('SIGKILL')
    await killed.result()
    expect(pids.every(isAlive)).to.equal(true)

    home.write(
      'program.mjs',
      "import fs from 'node:fs'; fs.copyFileSync('pids', 'pids-then'); setInterval(() => {}, 1000)",
    )
    home.write('pids', '')
    const next = await home.healthy()
    expect(pids.filter(isAlive)).to.deep.equal([])
    expect(home.kinds()).to.deep.equal(['bot.start', 'bot.lost', 'bot.start'])
    expect(home.entry('bot.lost')).to.include({ pid: killed.pid, leftovers: count })
    const told = new RegExp(
      `pid ${killed.pid}, since [-\\d]+ [\\d:]+\\) ended unexpectedly; ${count} processes of its program had to be ended`,
    )
    await until(() => told.test(next.stdout))
  })

  it("another home's processes are left alone", async () => {
    const code = `${FORK}\nmine(process)\ntwice(QUIET, { detached: true })\nsetInterval(() => {}, 1000)`
    const [home, neighbour] = [programHome(code), programHome(code)]
    const [bot] = await Promise.all([home.healthy(), neighbour.healthy()])
    const [pids, others] = await Promise.all([pidsOf(home, 2), pidsOf(neighbour, 2)])
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(process.platform !== 'linux' || !pids.some(isAlive)).to.equal(true)
    expect(others.every(isAlive)).to.equal(true)
  })
})
