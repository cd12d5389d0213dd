import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { until } from '../support/e2e/until.js'

/** Runs a command in a terminal of its own, of which it is the foreground; lines typed here go to that terminal. */
const IN_A_TERMINAL = `
import os, pty, select, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    for ready in select.select([0, terminal], [], [])[0]:
        try:
            data = os.read(ready, 65536)
        except OSError:
            data = b""
        if ready == 0:
            if data == b"close\\n":
                os.close(terminal)
                sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            os.write(terminal, data.rstrip(b"\\n"))
        elif data:
            os.write(1, data)
        else:
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

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
      const terminal = home.run('python3', ['-c', IN_A_TERMINAL, ...home.startCommand()], {
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
      ['-c', IN_A_TERMINAL, 'sh', '-c', 'setsid "$@" & wait', 'sh', ...home.startCommand()],
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
})
