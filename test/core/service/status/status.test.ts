import { chmodSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { writeDesiredStop } from '#core/home/desired-state.js'
import { readInstalled } from '#core/home/installed-services.js'
import type { JournalEntry } from '#core/journal/journal.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { asker } from '#core/platform/process/users.js'
import type { FoundService } from '#core/service/manager.js'
import { startService, stopService } from '#core/service/operations/start-stop.js'
import { countUnexpectedExits, type LastExit, lastExit } from '#core/service/status/last-exit.js'
import { serviceStatus } from '#core/service/status/status.js'
import { aBotFile } from '../../../support/builders/bot-file.js'
import { anEntry } from '../../../support/builders/journal-entry.js'
import { FakeManager, reading, ServiceHome } from '../../../support/fake-manager.js'

const onPosix = process.platform === 'win32' ? () => {} : it // the fake node is a shell script

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

describe('the last exit of a bot', () => {
  const cases: [string, JournalEntry[], Parameters<typeof lastExit>[1], LastExit | null][] = [
    ['nobody knows', [anEntry('bot.start'), anEntry('service.stop')], undefined, null],
    [
      'it was asked to',
      [anEntry('bot.stop', { exit: 0 })],
      undefined,
      { at: '2026-03-01T12:00:00.000Z', kind: 'stopped', exit: 0 },
    ],
    [
      'it was asked to, and a signal ended its program: to its manager that is a good end',
      [anEntry('bot.stop', { exit: 130, program_exit: 'signal', signal: 'SIGINT' })],
      { at: '2026-03-01T12:00:01.000Z', exit: 0 },
      { at: '2026-03-01T12:00:00.000Z', kind: 'stopped', exit: 130 },
    ],
    [
      'by itself, with an error that it printed',
      [anEntry('bot.exit', { exit: 1, error: "KeyError: 'token'" })],
      undefined,
      { at: '2026-03-01T12:00:00.000Z', kind: 'ended', exit: 1, reason: "KeyError: 'token'" },
    ],
    [
      'by itself',
      [anEntry('bot.exit', { exit: 5 })],
      undefined,
      { at: '2026-03-01T12:00:00.000Z', kind: 'ended', exit: 5 },
    ],
    [
      'by itself, and the journal knows why',
      [anEntry('bot.exit', { exit: 0, reason: 'it put itself away' })],
      undefined,
      { at: '2026-03-01T12:00:00.000Z', kind: 'ended', exit: 0, reason: 'it put itself away' },
    ],
    [
      'by the same exit code once more, and this time before it could write that down',
      [anEntry('bot.crash', { exit: 1 })],
      { at: '2026-03-02T12:00:00.000Z', exit: 1 },
      { at: '2026-03-02T12:00:00.000Z', kind: 'ended', exit: 1 },
    ],
    [
      'by an error',
      [anEntry('bot.crash', { exit: 1 })],
      undefined,
      { at: '2026-03-01T12:00:00.000Z', kind: 'crashed', exit: 1 },
    ],
    [
      'it was killed',
      [anEntry('bot.lost', { pid: 7 })],
      undefined,
      { at: '2026-03-01T12:00:00.000Z', kind: 'killed', exit: null },
    ],
    [
      'the newest counts, and what is no end does not',
      [
        anEntry('bot.crash', { exit: 1 }),
        anEntry('bot.stop', { time: '2026-03-01T13:00:00.000Z', exit: 0 }),
        anEntry('bot.start', { time: '2026-03-01T14:00:00.000Z' }),
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
      [anEntry('bot.stop', { exit: 0 })],
      { at: '2026-03-01T12:30:00.000Z', exit: 78 },
      { at: '2026-03-01T12:30:00.000Z', kind: 'ended', exit: 78 },
    ],
    [
      "the manager's is an older one",
      [anEntry('bot.stop', { time: '2026-03-01T12:30:00.000Z', exit: 0 })],
      { at: '2026-03-01T12:00:00.000Z', exit: 78 },
      { at: '2026-03-01T12:30:00.000Z', kind: 'stopped', exit: 0 },
    ],
    [
      'the manager tells the same end without its milliseconds',
      [anEntry('bot.crash', { time: '2026-03-01T12:00:00.900Z', exit: 1 })],
      { at: '2026-03-01T12:00:00.000Z', exit: 1 },
      { at: '2026-03-01T12:00:00.900Z', kind: 'crashed', exit: 1 },
    ],
    [
      'it was killed in the second in which it ended',
      [anEntry('bot.stop', { time: '2026-03-01T12:00:00.900Z', exit: 0 })],
      { at: '2026-03-01T12:00:00.000Z', exit: null },
      { at: '2026-03-01T12:00:00.000Z', kind: 'killed', exit: null },
    ],
  ]
  for (const [what, entries, seen, expected] of cases) {
    it(what, () => {
      expect(lastExit(entries, seen)).to.deep.equal(expected)
    })
  }
})

describe('the count of unexpected exits', () => {
  const cases: [string, string[], number][] = [
    ['are none at first', [], 0],
    ['are those by itself, by an error and by a kill', ['bot.exit', 'bot.crash', 'bot.lost'], 3],
    ['are not those that somebody asked for', ['bot.start', 'bot.stop', 'service.stop', 'watchdog.restart'], 0],
    ['count from the last start on', ['bot.crash', 'service.start', 'bot.exit', 'bot.start'], 1],
    ['count from the last restart on', ['service.start', 'bot.crash', 'service.restart', 'bot.exit'], 1],
    ['count from the installation on', ['bot.crash', 'bot.crash', 'service.install'], 0],
    ['count on through a stop', ['service.start', 'bot.crash', 'service.stop'], 1],
  ]
  for (const [what, kinds, expected] of cases) {
    it(what, () => {
      expect(countUnexpectedExits(kinds.map((kind) => anEntry(kind)))).to.equal(expected)
    })
  }
})

describe("a service's status", () => {
  it('shows a service that runs as it should', async () => {
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
      waits: null,
      restarts: 0,
      last_end: null,
      release: null,
      automatic: true,
      stopped_by: null,
      warnings: [],
      last_words: [],
      last_words_at: null,
      last_errors: [],
      errors_since_start: 0,
    })
  })

  it('shows until when its bot waits for its start, as long as it does', async () => {
    const home = await running()
    writeFileSync(home.paths.bot, JSON.stringify(aBotFile({ ...thisProcess(), instance: 'b' })))
    const wait = { until: '2026-03-01T12:10:00.000Z', reason: 'it exited 9 times within minutes (exit code 1)' }
    journal(home, [anEntry('bot.wait', { instance: 'a' }), anEntry('bot.wait', { instance: 'b', ...wait })])
    expect((await statusOf(home)).waits).to.deep.equal(wait)
    journal(home, [anEntry('bot.wait', { instance: 'b', ...wait }), anEntry('bot.start', { instance: 'b' })])
    expect((await statusOf(home)).waits).to.equal(null)
  })

  it('warns of nothing for a service that is not installed', async () => {
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

  it('shows one that was removed by hand as not installed', async () => {
    const home = await running()
    rmSync(join(home.manager.folder, 'CatalystBot.unit'))
    rmSync(home.paths.data, { recursive: true })
    rmSync(home.runtime.cli)
    expect(await statusOf(home)).to.deep.include({ state: 'not installed', warnings: [] })
  })

  it('shows one that is being removed as not installed', async () => {
    const home = new ServiceHome()
    home.manager.script.push(reading('running', 100))
    expect(await statusOf(home)).to.include({ state: 'not installed', words: '', pid: null })
  })

  it("never shows somebody else's, but that the name is taken", async () => {
    const home = new ServiceHome()
    home.manager.put('CatalystBot', 'Run=/bin/other\n')
    const { state, pid, warnings } = await statusOf(home)
    expect({ state, pid }).to.deep.equal({ state: 'not installed', pid: null })
    expect(warnings.join()).to.contain('the name is taken: the service CatalystBot was not installed by catalyst')
  })

  it('shows who stopped it on purpose, and when', async () => {
    const home = await running()
    const at = new Date(home.clock.now()).toISOString()
    await home.turning(stopService(home.services, 'bot', home.onWait))
    expect(await statusOf(home)).to.deep.include({ state: 'stopped', stopped_by: { by: asker(), at }, pid: null })
    await home.turning(startService(home.services, 'bot', home.onWait))
    expect(await statusOf(home)).to.include({ state: 'running', stopped_by: null })
  })

  it("takes the manager's count of restarts, else that of the journal", async () => {
    const home = await running()
    journal(home, [anEntry('service.start'), anEntry('bot.crash'), anEntry('bot.lost')])
    expect(await statusOf(home)).to.include({ restarts: 2 })
    home.manager.reads = { restarts: 0 }
    expect(await statusOf(home)).to.include({ restarts: 0 })
  })

  it('believes the manager about its exit only while it does not run', async () => {
    const home = await running()
    const ended = { at: '2026-03-01T12:00:00.000Z', exit: 78 }
    home.manager.reads = { ended }
    expect((await statusOf(home)).last_end).to.equal(null)
    home.manager.reads = { ended, state: 'failed' }
    expect((await statusOf(home)).last_end).to.deep.equal({ at: ended.at, kind: 'ended', exit: 78 })
  })

  it("takes from the bot's own file what the manager does not know", async () => {
    const home = await running()
    const bot = aBotFile({ release: 'v1-abc' })
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

  it('is shown though bot.json is not readable', async () => {
    const home = await running()
    mkdirSync(home.paths.bot, { recursive: true }) // a folder can't be read as a file, by root neither
    expect(await statusOf(home)).to.include({ state: 'running', pid: 100 })
  })

  it("shows nothing of the bot's for the watchdog", async () => {
    const home = await running({ WATCHDOG_ENABLED: '1' })
    await home.install(['watchdog'], { start: true })
    writeDesiredStop(home.paths, 'ann', 0)
    journal(home, [anEntry('bot.crash', { exit: 1 })])
    writeLog(home, 'service_stderr.log', ["the bot's"])
    writeLog(home, 'service_watchdog_stderr.log', ["the watchdog's"])
    const words = { name: 'CatalystBot-watchdog', last_end: null, stopped_by: null, restarts: null, release: null }
    expect(await statusOf(home, 'watchdog')).to.include({ ...words, state: 'running' })
    home.manager.kill('CatalystBot-watchdog')
    expect(await statusOf(home, 'watchdog')).to.deep.include({ ...words, last_words: ["the watchdog's"] })
  })
})

describe('a warning of what may keep a service from starting', () => {
  it('names a missing node or command line', async () => {
    const home = new ServiceHome()
    await home.install()
    const { node, cli } = home.runtime
    rmSync(node)
    rmSync(cli)
    expect((await statusOf(home)).warnings).to.deep.equal(
      [node, cli].map((path) => `${path}, which it runs, is gone: repair it: catalyst service install`),
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
      `its node (${node}) was ${process.version} when it was installed and is v1.2.3 now: repair it: catalyst service install`,
    ])
    becomes(`echo ${process.version}; exit 1`)
    expect((await statusOf(home)).warnings.join()).to.contain('is unusable now')
  })

  it('names an entry that somebody has changed', async () => {
    const home = await running()
    home.manager.edit('CatalystBot', (text) => `${text}Mine=1\n`)
    expect((await statusOf(home)).warnings).to.deep.equal([
      `somebody has changed ${join(home.manager.folder, 'CatalystBot.unit')}: catalyst service install shows how`,
    ])
  })

  it('is left out for an entry without a record', async () => {
    const home = await running()
    rmSync(home.paths.services)
    expect(readInstalled(home.paths)).to.deep.equal({})
    expect((await statusOf(home)).warnings).to.deep.equal([])
  })

  it('names a missing log folder', async () => {
    const home = await running()
    rmSync(home.paths.logs, { recursive: true })
    writeFileSync(home.paths.logs, '') // a file is none
    expect((await statusOf(home)).warnings).to.deep.equal([
      `the log folder ${home.paths.logs} is missing: catalyst service start makes it`,
    ])
  })

  it('names an interrupted installation, or a fault that installing does not repair', async () => {
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
      'its installation was interrupted: catalyst service install completes it',
    ])
    finding({ fault: { why: 'its NSSM is gone', remedy: 'Put it back.' } })
    expect((await statusOf(home)).warnings).to.deep.equal(['its NSSM is gone. Put it back.'])
  })

  it("explains NSSM's own exit codes, while it does not run", async () => {
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

  it('says that it does not start with the machine', async () => {
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

  it('count how many of them came since it was last started', async () => {
    const home = await running()
    const at = (time: string) => JSON.stringify({ level: 'error', time, msg: 'trouble' })
    writeLog(home, 'errors.log', [at('2026-03-01T11:30:00.000Z'), at('2026-03-01T12:00:02.000Z')])
    journal(home, [anEntry('bot.start', { time: '2026-03-01T11:00:00.000Z' }), anEntry('bot.start')])
    expect(await statusOf(home)).to.include({ errors_since_start: 1 })
    home.manager.reads = { since: '2026-03-01T12:30:00.000Z' } // its manager knows of a later start
    expect(await statusOf(home))
      .to.include({ errors_since_start: 0 })
      .and.have.property('last_errors')
      .with.length(2)
  })

  it('include its last output if it does not run, in whatever form', async () => {
    const home = await running()
    writeLog(home, 'errors.log', [line('error', 'before')])
    writeLog(
      home,
      'service_stderr.log',
      [1, 2, 3, 4, 5].map((n) => `word ${n}`).concat('Error: \u001b[31mno such thing'),
    )
    expect((await statusOf(home)).last_words, 'while it runs that is of no interest').to.deep.equal([])
    const at = new Date('2026-03-01T11:42:00.000Z')
    utimesSync(join(home.paths.logs, 'service_stderr.log'), at, at)
    for (const state of ['stopped', 'failed', 'restarting', 'starting'] as const) {
      home.manager.script.push(reading(state))
      const { last_words, last_words_at } = await statusOf(home)
      expect(last_words_at, 'when that was').to.equal(at.toISOString())
      expect(last_words, state).to.deep.equal(['word 2', 'word 3', 'word 4', 'word 5', 'Error: \\x1b[31mno such thing'])
    }
  })
})
