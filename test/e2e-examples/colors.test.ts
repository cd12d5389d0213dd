import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { ROOT } from '../support/e2e/root.js'
import { inTerminal } from '../support/e2e/terminal.js'

const BIN = `${ROOT}/bin/run.js`
// biome-ignore lint/suspicious/noControlCharactersInRegex: that of colors
const COLOR = /\u001b\[[\d;]*m/

describe('e2e: colors', () => {
  const { home: emptyHome } = endToEnd()
  const LINES = [
    ['--help'],
    ['deploy', '--help'],
    ['logs', '--help'],
    ['logs', '--nonsense'],
    ['servce'],
    ['status'],
    ['status', '--all'],
    ['ls'],
    ['logs'],
    ['history'],
    ['config', 'check'],
    ['config', 'show'],
    ['deploy', 'info'],
    ['deploy', 'log'],
    ['incident', 'list'],
    ['watchdog', 'status'],
    ['service', 'status'],
    ['completion', 'bash'],
  ]

  function homeInTrouble() {
    const home = emptyHome({ HEALTH_CHECK_PORT: 'eighty' })
    const time = new Date().toISOString()
    home.write('data/logs/bot.jsonl', `${JSON.stringify({ level: 'error', time, msg: 'no price' })}\n`)
    home.write('.catalyst/journal.jsonl', `${JSON.stringify({ time, kind: 'bot.crash', exit: 1, error: 'x' })}\n`)
    return home
  }

  const typed = (folder: string, words: readonly string[]) => [process.execPath, BIN, ...words, ...at(folder, words)]
  const at = (folder: string, [first, second]: readonly string[]) =>
    /help|ls|servce|completion|--all/.test(`${first} ${second}`) ? [] : ['--home', folder]

  for (const [where, env, isTerminal] of [
    ['with NO_COLOR', { NO_COLOR: '1', TERM: 'xterm-256color' }, true],
    ['without a terminal', { TERM: 'xterm-256color' }, false],
  ] as const)
    it(`are nowhere ${where}`, async function () {
      this.timeout(120_000)
      const home = homeInTrouble()
      for (const words of LINES) {
        const line = typed(home.folder, words)
        const [program, args] = isTerminal ? ['python3', inTerminal(80, line)] : [line[0] as string, line.slice(1)]
        const options = { folder: home.folder, stdin: 'pipe' as const, env }
        const { stdout, stderr } = await home.run(program, args, options).result()
        expect(stdout + stderr, words.join(' ')).to.not.match(COLOR)
      }
    })

  it('are on a terminal where something is wrong', async () => {
    const home = homeInTrouble()
    for (const words of [['status'], ['logs']]) {
      const options = { folder: home.folder, stdin: 'pipe' as const, env: { TERM: 'xterm-256color', NO_COLOR: '' } }
      const { stdout } = await home.run('python3', inTerminal(80, typed(home.folder, words)), options).result()
      expect(stdout, words.join(' ')).to.match(COLOR)
    }
  })
})
