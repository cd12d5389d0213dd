import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { ROOT } from '../support/e2e/root.js'
import { inTerminal } from '../support/e2e/terminal.js'
import { until } from '../support/e2e/until.js'

describe('e2e: in a terminal', () => {
  const { moduleHome } = endToEnd()

  for (const { what, typed, asker } of [
    { what: 'Ctrl-C', typed: '\x03', asker: 'SIGINT' },
    { what: 'a terminal that is closed', typed: 'close', asker: 'SIGHUP' },
  ]) {
    it(`${what} ends the bot gracefully`, async () => {
      const home = moduleHome(
        "import fs from 'node:fs'; export default { name: 'b', cycle() {}, stop() { fs.writeFileSync('stopped', '') } }",
      )
      const terminal = home.run('python3', inTerminal(80, home.startCommand()), {
        folder: home.folder,
        stdin: 'pipe',
      })
      await until(() => home.botFile().endpoint)
      await home.status('healthy')
      terminal.stdin?.write(`${typed}\n`)
      const { code } = await terminal.result()
      // without its terminal node 20 aborts at the very end, when all is done: it wants to put the terminal in order
      if (typed !== 'close') expect(code).to.equal(0)
      expect(home.has('stopped')).to.equal(true)
      expect(home.entry('bot.stop')).to.include({ exit: 0, asked_by: asker })
      expect([...home.processes()]).to.deep.equal([])
    })
  }

  it('a terminal that goes away without a hang-up, as for a job that was let go, ends nothing', async () => {
    const home = moduleHome("export default { name: 'b', cycle: (ctx) => ctx.log.info('a line') }")
    const terminal = home.run(
      'python3',
      inTerminal(80, ['sh', '-c', 'setsid "$@" & wait', 'sh', ...home.startCommand()]),
      { folder: home.folder, stdin: 'pipe' },
    )
    await until(() => home.botFile().endpoint)
    await home.status('healthy')
    terminal.stdin?.write('close\n')
    await terminal.result()
    const { total_cycles } = await home.health()
    await until(async () => (await home.health()).total_cycles > total_cycles + 3)
    process.kill(home.botFile().pid, 'SIGTERM')
    await until(() => home.processes().size === 0)
    expect(home.entry('bot.stop')).to.include({ exit: 0, asked_by: 'SIGTERM' })
  })

  it('commands that wait for an answer say for which', async () => {
    const home = moduleHome()
    const bot = await home.healthy()
    bot.kill('SIGSTOP')
    try {
      for (const [words, says] of [
        [['status'], 'Asking the bot … 1 s'],
        [['doctor'], 'Checking … 1 s'],
      ] as const) {
        const line = [process.execPath, `${ROOT}/bin/run.js`, ...words, '--home', home.folder]
        const terminal = home.run('python3', inTerminal(80, line), { folder: home.folder, stdin: 'pipe' })
        expect((await terminal.result()).stdout).to.contain(says)
      }
    } finally {
      bot.kill('SIGCONT')
    }
  })
})
