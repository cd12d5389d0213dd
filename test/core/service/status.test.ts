import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import type { JournalEntry } from '#core/journal/journal.js'
import { type LastEnd, lastEnd, unexpectedEnds } from '#core/service/last-end.js'
import type { FoundService } from '#core/service/manager.js'
import { startService, stopService } from '#core/service/operate.js'
import { serviceStatus } from '#core/service/status.js'
import { readInstalled } from '#core/state/installed.js'
import { wishStop } from '#core/state/wanted.js'
import { thisProcess } from '#core/system/processes.js'
import { asker } from '#core/system/users.js'
import { FakeManager, reading, ServiceHome } from '../../support/fake-manager.js'

const onPosix = process.platform === 'win32' ? () => {} : it // the fake node is a shell script

const entry = (kind: string, time = '2026-03-01T12:00:00.000Z', details: object = {}): JournalEntry => ({
  time,
  kind,
  ...details,
})

/** A home whose bot is a service that runs by this very node, so that there is nothing to warn of. */
async function running(settings: Record<string, string> = {}) {
  const home = new ServiceHome(settings)
  home.runtime.node = process.execPath
  await home.install(['bot'], { start: true })
  return home
}

const statusOf = (home: ServiceHome, role: 'bot' | 'watchdog' = 'bot') => serviceStatus(home.services, role)

function writeLog(home: ServiceHome, name: string, lines: readonly string[]): void {
  mkdirSync(home.paths.logs, { recursive: true })
  writeFileSync(join(home.paths.logs, name), lines.map((line) => `${line}\n`).join(''))
}

function journal(home: ServiceHome, entries: readonly JournalEntry[]): void {
  mkdirSync(dirname(home.paths.journal), { recursive: true })
  writeFileSync(home.paths.journal, entries.map((one) => `${JSON.stringify(one)}\n`).join(''))
}

describe('how a bot last ended', () => {
  const cases: [string, JournalEntry[], Parameters<typeof lastEnd>[1], LastEnd | null][] = [
    ['nobody knows', [entry('bot.start'), entry('service.stop')], undefined, null],
    [
      'it was asked to',
      [entry('bot.stop', '2026-03-01T12:00:00.000Z', { exit: 0 })],
      undefined,
      { at: '2026-03-01T12:00:00.000Z', kind: 'stopped', exit: 0 },
    ],
    [
      'by itself',
      [entry('bot.exit', '2026-03-01T12:00:00.000Z', { exit: 5 })],
      undefined,
      { at: '2026-03-01T12:00:00.000Z', kind: 'ended', exit: 5 },
    ],
    [
      'by the same exit code once more, and this time before it could write that down',
      [entry('bot.crash', '2026-03-01T12:00:00.000Z', { exit: 1 })],
      { at: '2026-03-02T12:00:00.000Z', exit: 1 },
      { at: '2026-03-02T12:00:00.000Z', kind: 'ended', exit: 1 },
    ],
    [
      'by an error',
      [entry('bot.crash', '2026-03-01T12:00:00.000Z', { exit: 1 })],
      undefined,
      { at: '2026-03-01T12:00:00.000Z', kind: 'crashed', exit: 1 },
    ],
    [
      'it was killed',
      [entry('bot.lost', '2026-03-01T12:00:00.000Z', { pid: 7 })],
      undefined,
      { at: '2026-03-01T12:00:00.000Z', kind: 'killed', exit: null },
    ],
    [
      'the newest counts, and what is no end does not',
      [
        entry('bot.crash', '2026-03-01T12:00:00.000Z', { exit: 1 }),
        entry('bot.stop', '2026-03-01T13:00:00.000Z', { exit: 0 }),
        entry('bot.start', '2026-03-01T14:00:00.000Z'),
      ],
      undefined,
      { at: '2026-03-01T13:00:00.000Z', kind: 'stopped', exit: 0 },
    ],
    [
      'only the manager knows',
      [],
      { at: '2026-03-01T12:00:00.000Z', exit: 78 },
      { at: '2026-03-01T12:00:00.000Z', kind: 'ended', exit: 78 },
    ],
    [
      'only the manager knows that it was killed',
      [],
      { at: '2026-03-01T12:00:00.000Z', exit: null },
      { at: '2026-03-01T12:00:00.000Z', kind: 'killed', exit: null },
    ],
    [
      'the manager knows of a later end',
      [entry('bot.stop', '2026-03-01T12:00:00.000Z', { exit: 0 })],
      { at: '2026-03-01T12:30:00.000Z', exit: 78 },
      { at: '2026-03-01T12:30:00.000Z', kind: 'ended', exit: 78 },
    ],
    [
      "the manager's is an older one",
      [entry('bot.stop', '2026-03-01T12:30:00.000Z', { exit: 0 })],
      { at: '2026-03-01T12:00:00.000Z', exit: 78 },
      { at: '2026-03-01T12:30:00.000Z', kind: 'stopped', exit: 0 },
    ],
    [
      'the manager tells the same end without its milliseconds',
      [entry('bot.crash', '2026-03-01T12:00:00.900Z', { exit: 1 })],
      { at: '2026-03-01T12:00:00.000Z', exit: 1 },
      { at: '2026-03-01T12:00:00.900Z', kind: 'crashed', exit: 1 },
    ],
    [
      'it was killed in the second in which it ended',
      [entry('bot.stop', '2026-03-01T12:00:00.900Z', { exit: 0 })],
      { at: '2026-03-01T12:00:00.000Z', exit: null },
      { at: '2026-03-01T12:00:00.000Z', kind: 'killed', exit: null },
    ],
  ]
  for (const [what, entries, seen, expected] of cases) {
    it(what, () => {
      expect(lastEnd(entries, seen)).to.deep.equal(expected)
    })
  }
})

describe('ends that nobody asked for', () => {
  const cases: [string, string[], number][] = [
    ['are none at first', [], 0],
    ['are those by itself, by an error and by a kill', ['bot.exit', 'bot.crash', 'bot.lost'], 3],
    ['are not those that somebody asked for', ['bot.start', 'bot.stop', 'service.stop', 'watchdog.rescue'], 0],
    ['count from the last start on', ['bot.crash', 'service.start', 'bot.exit', 'bot.start'], 1],
    ['count from the last restart on', ['service.start', 'bot.crash', 'service.restart', 'bot.exit'], 1],
    ['count from the installation on', ['bot.crash', 'bot.crash', 'service.install'], 0],
    ['count on through a stop', ['service.start', 'bot.crash', 'service.stop'], 1],
  ]
  for (const [what, kinds, expected] of cases) {
    it(what, () => {
      expect(unexpectedEnds(kinds.map((kind) => entry(kind)))).to.equal(expected)
    })
  }
})

describe("a service's status", () => {
  it('of one that runs as it should', async () => {
    const home = await running()
    expect(await statusOf(home)).to.deep.equal({
      name: 'CatalystBot',
      role: 'bot',
      manager: 'systemd',
      scope: 'user',
      state: 'running',
      words: 'running',
      pid: 100,
      since: null,
      restarts: 0,
      last_end: null,
      release: null,
      automatic: true,
      stopped_by: null,
      warnings: [],
      last_words: [],
      last_errors: [],
    })
  })

  it('of one that is not installed warns of nothing', async () => {
    const home = new ServiceHome({ BOT_NAME: 'News' })
    expect(await statusOf(home)).to.deep.include({
      name: 'News',
      state: 'not installed',
      words: '',
      pid: null,
      since: null,
      restarts: null,
      automatic: false,
      warnings: [],
    })
  })

  it('of one that was removed by hand is that of one that is not installed', async () => {
    const home = await running()
    rmSync(join(home.manager.folder, 'CatalystBot.unit'))
    rmSync(home.paths.data, { recursive: true })
    rmSync(home.runtime.cli)
    expect(await statusOf(home)).to.deep.include({ state: 'not installed', warnings: [] })
  })

  it('of one that is removed at this moment is that of one that is not installed', async () => {
    const home = new ServiceHome()
    home.manager.script.push(reading('running', 100))
    expect(await statusOf(home)).to.include({ state: 'not installed', words: '', pid: null })
  })

  it("is never told of somebody else's, but that the name is taken", async () => {
    const home = new ServiceHome()
    home.manager.put('CatalystBot', 'Run=/bin/other\n')
    const { state, pid, warnings } = await statusOf(home)
    expect({ state, pid }).to.deep.equal({ state: 'not installed', pid: null })
    expect(warnings.join()).to.contain('the name is taken: the service CatalystBot was not installed by catalyst')
  })

  it('of one that was stopped on purpose tells who did, and when', async () => {
    const home = await running()
    const at = new Date(home.clock.now()).toISOString()
    await home.turning(stopService(home.services, 'bot', home.onWait))
    expect(await statusOf(home)).to.deep.include({ state: 'stopped', stopped_by: { by: asker(), at }, pid: null })
    await home.turning(startService(home.services, 'bot', home.onWait))
    expect(await statusOf(home)).to.include({ state: 'running', stopped_by: null })
  })

  it("takes the manager's count of restarts, else that of the journal", async () => {
    const home = await running()
    journal(home, [entry('service.start'), entry('bot.crash'), entry('bot.lost')])
    expect(await statusOf(home)).to.include({ restarts: 2 })
    home.manager.reads = { restarts: 0 }
    expect(await statusOf(home)).to.include({ restarts: 0 })
  })

  it('believes the manager about its end only while it does not run', async () => {
    const home = await running()
    const ended = { at: '2026-03-01T12:00:00.000Z', exit: 78 }
    home.manager.reads = { ended }
    expect((await statusOf(home)).last_end).to.equal(null)
    home.manager.reads = { ended, state: 'failed' }
    expect((await statusOf(home)).last_end).to.deep.equal({ at: ended.at, kind: 'ended', exit: 78 })
  })

  it("fills from the bot's own file what the manager does not know", async () => {
    const home = await running()
    const bot = { ...thisProcess(), instance: 'a', since: '2026-03-01T11:00:00.000Z', release: 'v1-abc' }
    mkdirSync(dirname(home.paths.bot), { recursive: true })
    writeFileSync(home.paths.bot, JSON.stringify(bot))
    home.manager.reads = { pid: null }
    expect(await statusOf(home)).to.include({ pid: process.pid, since: bot.since, release: 'v1-abc' })
    home.manager.reads = { pid: 9, since: '2026-03-01T12:00:00.000Z' }
    expect(await statusOf(home), 'but the manager comes first').to.include({
      pid: 9,
      since: '2026-03-01T12:00:00.000Z',
    })
    home.manager.reads = { pid: null, state: 'stopped' }
    expect(await statusOf(home), 'and it is not the service then').to.include({ pid: null, since: null })
  })

  for (const [what, text] of [
    ["can't be parsed", '{"pid":'],
    ['is empty', ''],
    ['names a process that is gone', JSON.stringify({ ...thisProcess(), started: 1, instance: 'a', since: 'x' })],
  ] as const) {
    it(`is told though bot.json ${what}`, async () => {
      const home = await running()
      mkdirSync(dirname(home.paths.bot), { recursive: true })
      writeFileSync(home.paths.bot, text)
      home.manager.reads = { pid: null }
      expect(await statusOf(home)).to.include({ state: 'running', pid: null, since: null, release: null })
    })
  }

  it('is told though bot.json may not be read', async () => {
    const home = await running()
    mkdirSync(home.paths.bot, { recursive: true }) // a folder can't be read as a file, by root neither
    expect(await statusOf(home)).to.include({ state: 'running', pid: 100 })
  })

  it("of the watchdog has nothing of the bot's", async () => {
    const home = await running({ WATCHDOG_ENABLED: '1' })
    await home.install(['watchdog'], { start: true })
    wishStop(home.paths, 'ann', 0)
    journal(home, [entry('bot.crash', undefined, { exit: 1 })])
    writeLog(home, 'service_stderr.log', ["the bot's"])
    writeLog(home, 'service_watchdog_stderr.log', ["the watchdog's"])
    const words = { name: 'CatalystBot-watchdog', last_end: null, stopped_by: null, restarts: null, release: null }
    expect(await statusOf(home, 'watchdog')).to.include({ ...words, state: 'running' })
    home.manager.kill('CatalystBot-watchdog')
    expect(await statusOf(home, 'watchdog')).to.deep.include({ ...words, last_words: ["the watchdog's"] })
  })
})

describe('what may keep a service from starting', () => {
  it('is a node or a command line that is gone', async () => {
    const home = new ServiceHome()
    await home.install()
    const { node, cli } = home.runtime
    rmSync(node)
    rmSync(cli)
    expect((await statusOf(home)).warnings).to.deep.equal(
      [node, cli].map((path) => `${path}, which it runs, is gone: mend it with: catalyst service install`),
    )
  })

  onPosix('is a node that became another one', async () => {
    const home = new ServiceHome()
    const { node } = home.runtime
    const becomes = (script: string) => {
      writeFileSync(node, `#!/bin/sh\n${script}\n`)
      chmodSync(node, 0o755)
    }
    await home.install()
    becomes(`[ "$*" = --version ] && echo ${process.version}`)
    expect((await statusOf(home)).warnings, 'the same version').to.deep.equal([])
    becomes('echo v1.2.3')
    expect((await statusOf(home)).warnings).to.deep.equal([
      `its node (${node}) was ${process.version} when it was installed and is v1.2.3 now: mend it with: catalyst service install`,
    ])
    becomes(`echo ${process.version}; exit 1`)
    expect((await statusOf(home)).warnings.join()).to.contain('is unusable now')
  })

  it('is an entry that somebody has changed', async () => {
    const home = await running()
    home.manager.edit('CatalystBot', (text) => `${text}Mine=1\n`)
    expect((await statusOf(home)).warnings).to.deep.equal([
      `somebody has changed ${join(home.manager.folder, 'CatalystBot.unit')}: catalyst service install shows how`,
    ])
  })

  it('is not an entry that nobody remembers writing', async () => {
    const home = await running()
    rmSync(home.paths.services)
    expect(readInstalled(home.paths)).to.deep.equal({})
    expect((await statusOf(home)).warnings).to.deep.equal([])
  })

  it('is a log folder that is missing', async () => {
    const home = await running()
    rmSync(home.paths.logs, { recursive: true })
    writeFileSync(home.paths.logs, '') // a file is none
    expect((await statusOf(home)).warnings).to.deep.equal([
      `the log folder ${home.paths.logs} is missing: catalyst service start makes it`,
    ])
  })

  it('is an installation that was cut off, or a fault that installing does not mend', async () => {
    const home = await running()
    const find = home.manager.find.bind(home.manager)
    const finding = (more: Partial<FoundService>) => {
      home.manager.find = async (name) => {
        const found = await find(name)
        return found && { ...found, ...more }
      }
    }
    finding({ unfinished: true, definition: 'half' })
    expect((await statusOf(home)).warnings).to.deep.equal([
      'its installation was cut off: catalyst service install completes it',
    ])
    finding({ fault: { why: 'its NSSM is gone', wayOut: 'Put it back.' } })
    expect((await statusOf(home)).warnings).to.deep.equal(['its NSSM is gone. Put it back.'])
  })

  it("is what NSSM's own exit codes say, while it does not run", async () => {
    const home = new ServiceHome({}, { manager: new FakeManager({ kind: 'nssm', scope: 'system' }) })
    home.runtime.node = process.execPath
    await home.install(['bot'], { start: true })
    for (const [exit, words] of [
      [2, 'read its settings'],
      [3, 'start node'],
      [4, 'open its log files'],
      [5, 'AppEvents'],
    ] as const) {
      home.manager.reads = { state: 'failed', ended: { at: null, exit } }
      const { warnings, last_end } = await statusOf(home)
      expect(warnings.join('\n')).to.match(new RegExp(`^exit code ${exit}: .*${words}`))
      expect(last_end, 'nobody knows when it was').to.equal(null)
    }
    home.manager.reads = { state: 'failed', ended: { at: null, exit: 203 } }
    expect((await statusOf(home)).warnings, "systemd's are not NSSM's").to.deep.equal([])
  })

  it('is that it does not start with the machine', async () => {
    const home = await running()
    home.manager.reads = { automatic: false }
    const { warnings, automatic } = await statusOf(home)
    expect(automatic).to.equal(false)
    expect(warnings).to.deep.equal(['it does not start with the machine: catalyst service install'])
  })
})

describe("a service's last errors", () => {
  const line = (level: string, msg: string) => JSON.stringify({ level, time: Date.parse('2026-03-01T12:00:00'), msg })

  it("are the newest five of the bot's log, oldest first, and only errors", async () => {
    const home = await running()
    const lines = Array.from({ length: 7 }, (_, n) => line(n === 6 ? 'fatal' : 'error', `trouble ${n}`))
    writeLog(home, 'errors.log', [...lines, line('warn', 'not so bad'), 'no JSON'])
    const { last_errors } = await statusOf(home)
    expect(last_errors.map((text) => text.replace(/^.*(?=(ERROR|FATAL))/, ''))).to.deep.equal([
      ...[2, 3, 4, 5].map((n) => `ERROR trouble ${n}`),
      'FATAL trouble 6',
    ])
  })

  it('are also what it said last where it does not run, however it said it', async () => {
    const home = await running()
    writeLog(home, 'errors.log', [line('error', 'before')])
    writeLog(
      home,
      'service_stderr.log',
      [1, 2, 3, 4, 5].map((n) => `word ${n}`).concat('Error: \u001b[31mno such thing'),
    )
    expect((await statusOf(home)).last_words, 'while it runs that is of no interest').to.deep.equal([])
    for (const state of ['stopped', 'failed', 'restarting', 'starting'] as const) {
      home.manager.script.push(reading(state))
      const { last_words } = await statusOf(home)
      expect(last_words, state).to.deep.equal(['word 2', 'word 3', 'word 4', 'word 5', 'Error: \\x1b[31mno such thing'])
    }
  })
})
