import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { ROOT } from '../support/e2e/root.js'
import { inTerminal } from '../support/e2e/terminal.js'
import { until } from '../support/e2e/until.js'

const [ENTER, LEAVE] = ['\u001B[?1049h', '\u001B[?1049l']

describe('e2e: status --watch', () => {
  const { moduleHome, run } = endToEnd()

  for (const [name, key] of [
    ['q', 'q'],
    ['Ctrl-C', '\u0003'],
  ] as const)
    it(`refreshes in place until ${name}, and leaves the terminal as it was`, async () => {
      const home = moduleHome()
      const bot = await home.healthy()
      const words = [process.execPath, `${ROOT}/bin/run.js`, 'status', '--watch', '--home', home.folder]
      const watch = run('python3', inTerminal(80, words), { folder: home.folder, stdin: 'pipe' })
      await until(() => watch.stdout.includes('healthy since'))
      bot.kill('SIGTERM')
      await bot.result()
      await until(() => watch.stdout.includes('unreachable since'))
      watch.stdin?.write(`${key}\n`)
      const { code, stdout } = await watch.result()
      expect(code).to.equal(0)
      expect(stdout.split(ENTER)).to.have.length(2)
      expect(stdout.endsWith(LEAVE)).to.equal(true)
    })
})
