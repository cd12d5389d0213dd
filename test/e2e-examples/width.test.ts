import { expect } from 'chai'
import { widthOf } from '#cli/width.js'
import { openIncident } from '#core/incidents/incident.js'
import { TestRepository } from '../support/deploy/repository.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { ROOT } from '../support/e2e/root.js'
import { inTerminal } from '../support/e2e/terminal.js'
import { until } from '../support/e2e/until.js'

const COLUMNS = 80
const BIN = `${ROOT}/bin/run.js`

describe('e2e: a terminal of 80 columns', () => {
  const { home: emptyHome } = endToEnd()

  function longHome() {
    const home = emptyHome()
    const time = new Date().toISOString()
    const lines = [`${'long '.repeat(30)}end`, `${'世界'.repeat(40)}end`, 'short', `two\nlines ${'x'.repeat(90)}end`]
    home.write('data/logs/bot.jsonl', lines.map((msg) => `${JSON.stringify({ level: 'info', time, msg })}\n`).join(''))
    home.write(
      '.catalyst/journal.jsonl',
      lines.map((error) => `${JSON.stringify({ time, kind: 'bot.crash', exit: 1, error })}\n`).join(''),
    )
    return home
  }

  const typed = (folder: string, ...words: string[]) =>
    inTerminal(COLUMNS, [process.execPath, BIN, ...words, '--home', folder])

  it('leads from the logs of all homes to the same, whole', async () => {
    const home = longHome()
    home.write('.config/catalyst/homes.json', JSON.stringify({ homes: [home.folder] }))
    const words = inTerminal(COLUMNS, [process.execPath, BIN, 'logs', '--all'])
    const env = { XDG_CONFIG_HOME: home.path('.config') }
    const { stdout } = await home.run('python3', words, { folder: home.folder, stdin: 'pipe', env }).result()
    expect(stdout).to.include('Whole: catalyst logs --all --full')
  })

  for (const command of ['logs', 'history'])
    it(`has a row for each line of ${command}, and says how to see them whole`, async () => {
      const home = longHome()
      const run = (...words: string[]) =>
        home.run('python3', typed(home.folder, command, ...words), { folder: home.folder, stdin: 'pipe' }).result()
      const { stdout } = await run()
      const rows = stdout
        .trimEnd()
        .split(/\r?\n/)
        .filter((row) => !row.includes('--full')) // a line to be pasted is never cut
      for (const row of rows) expect(widthOf(row), row).to.be.at.most(COLUMNS)
      expect(rows.filter((row) => row.endsWith('…'))).to.have.length(3)
      expect(stdout).to.include('short').and.not.include('end')
      expect(stdout.replace(/\s+/g, ' ')).to.include(
        `3 lines cut to fit. Whole: catalyst ${command} --home ${home.folder} --full`,
      )
      expect((await run('--full')).stdout.match(/end/g)).to.have.length(3)
      const piped = await home.catalyst([command])
      expect(piped.stdout.match(/end/g)).to.have.length(3)
      expect(piped.stdout + piped.stderr).to.not.include('…')
    })

  it('has a row for each entry of a list, of 60 columns and of 80', async () => {
    const home = longHome()
    const repository = new TestRepository(home.folder)
    repository.commit({ '.gitignore': '.env\ndata/\n.catalyst/\n' }, `a subject ${'long '.repeat(30)}`)
    repository.git('tag', 'v1.0.0')
    const incident = {
      ...openIncident('ended', Date.now(), 1),
      ends: 3,
      why: `ended ${'long '.repeat(30)}`,
      events: [],
    }
    const name = '20260301T120000000Z-ended'
    home.write(`.catalyst/incidents/${name}/incident.json`, JSON.stringify(incident))
    const backup = await home.catalyst(['deploy', 'backup', '--name', `before-${'long-'.repeat(6)}end`])
    expect(backup.code, backup.stderr).to.equal(0)
    const bots = { XDG_CONFIG_HOME: home.path('config') }
    home.write('config/catalyst/homes.json', JSON.stringify({ homes: [home.folder] }))
    const lists = [['incident', 'list'], ['deploy', 'list-tags'], ['deploy', 'backups'], ['ls'], ['status']]
    for (const columns of [60, 80])
      for (const words of lists) {
        const typed = [process.execPath, BIN, ...words, ...(words[0] === 'ls' ? [] : ['--home', home.folder])]
        const line = home.run('python3', inTerminal(columns, typed), { folder: home.folder, stdin: 'pipe', env: bots })
        const { stdout } = await line.result()
        const rows = stdout
          .trimEnd()
          .split(/\r?\n/)
          .map((row) => row.split('\u001b[K').at(-1) as string) // what is waited for is erased again
          .filter((row) => !/--full|catalyst /.test(row))
        expect(rows.length, words.join(' ')).to.be.above(0)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: those of colors
        for (const row of rows) expect(widthOf(row.replace(/\u001b\[\d+m/g, '')), row).to.be.at.most(columns)
        if (words[1] === 'list' || words[1] === 'list-tags') expect(stdout, words.join(' ')).to.include('…')
        const piped = await home.catalyst(words.length === 1 && words[0] === 'ls' ? ['history'] : words)
        expect(piped.stdout).to.not.include('…')
      }
  })

  it('shows what is waited for, and for how long, and leaves nothing of it', async () => {
    const home = emptyHome()
    const typed = [process.execPath, BIN, 'health', 'check', '--wait', '3', '--home', home.folder]
    const { stdout } = await home.run('python3', inTerminal(60, typed), { folder: home.folder, stdin: 'pipe' }).result()
    expect(stdout).to.match(/Waiting until it is healthy; it is unreachable … [12] s/)
    expect(stdout.trimEnd().split('\u001b[K').at(-1)).to.match(/^unreachable/)
    const piped = await home.catalyst(['health', 'check', '--wait', '2'])
    expect(piped.stdout + piped.stderr).to.not.include('Waiting')
  })

  it('has a row for each version in the wizard of a rollback, and steers no terminal there', async () => {
    const home = emptyHome()
    const repository = new TestRepository(home.folder)
    repository.commit({ '.gitignore': '.env\ndata/\n.catalyst/\n' })
    const name = `v1.0.0-${'long'.repeat(20)}`
    const commit = repository.commit({ 'bot.mjs': '' }, 'a subject \u001b]0;own\u0007')
    repository.git('tag', name)
    repository.commit({ 'bot.mjs': '// 2' })
    const time = new Date().toISOString()
    const rating = { time, kind: 'rating', commit, release: name, rating: 'good', reason: 'it worked' }
    home.write('.catalyst/journal.jsonl', `${JSON.stringify(rating)}\n`)
    const wizard = home.run('python3', typed(home.folder, 'deploy', 'rollback'), { folder: home.folder, stdin: 'pipe' })
    await until(() => wizard.stdout.includes('❯ v1.0.0'))
    wizard.stdin?.write('\u001b\n')
    await wizard.result()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those of the prompt itself
    const rows = wizard.stdout.split(/\r?\n/).map((row) => row.replace(/\u001b\[[\d;?]*[A-Za-z]/g, ''))
    const choices = rows.filter((row) => row.startsWith('❯'))
    expect(choices).to.not.deep.equal([])
    for (const row of choices) {
      expect(widthOf(row), row).to.be.at.most(COLUMNS)
      expect(row.trimEnd()).to.match(/…$/)
    }
    expect(wizard.stdout).to.include('\\x1b]0;own').and.not.include('\u001b]0;own')
  })
})
