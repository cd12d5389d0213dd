import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { watchdogText } from '#cli/watchdog-text.js'
import { readConfig } from '#core/config/load.js'
import { exitOf, isUnexpectedEnd } from '#core/journal/bot-ends.js'
import { JournalTail } from '#core/journal/journal-tail.js'
import { homePaths } from '#core/state/home-paths.js'
import { duration } from '#core/text.js'
import { nextPause } from '#core/watchdog/child.js'
import { incidentEmbed } from '#core/watchdog/embed.js'
import { heartbeatUrl } from '#core/watchdog/heartbeat.js'
import type { Incident } from '#core/watchdog/incident.js'
import { watchdogStatus } from '#core/watchdog/status.js'
import { readWatchdogFile, rescuesOnClock, rescuesOnWall, writeWatchdogFile } from '#core/watchdog/watchdog-file.js'
import { expectGolden } from '../../support/golden.js'
import { tempFolder } from '../../support/temp.js'

describe('the pause before a child is started again', () => {
  it('is none after a good run, else grows from the restart delay to five minutes', () => {
    const pauses = (delay: number) => [0, 1, 2, 3, 4, 9].map((shortRuns) => nextPause(shortRuns, delay))
    expect(pauses(10_000)).to.deep.equal([0, 10_000, 20_000, 40_000, 80_000, 300_000])
    expect(pauses(0), 'no bot is started without end as fast as it can crash').to.deep.equal([
      0, 0, 2000, 4000, 8000, 256_000,
    ])
  })
})

describe('what the watchdog keeps across its own restarts', () => {
  it('counts rescues of before on the clock of now', () => {
    const [now, wall] = [5000, 1_000_000_000]
    expect(rescuesOnClock(rescuesOnWall([4000, 1000], now, wall), now, wall)).to.deep.equal([1000, 4000])
    expect(rescuesOnClock([wall - 60_000], 10, wall), 'after a reboot').to.deep.equal([10 - 60_000])
  })

  it('gives no budget back when the clock was set back', () => {
    expect(rescuesOnClock([2_000_000], 5000, 1_000_000)).to.deep.equal([5000])
  })

  it('is read as it was written, and nothing else is', () => {
    const paths = homePaths(tempFolder())
    expect(readWatchdogFile(paths)).to.equal(undefined)
    const file = {
      pid: 1,
      checked_at: 2,
      next_check_at: 3,
      status: 'healthy',
      rescues: [4],
      incident: null,
      messages: { '5': '6' },
    }
    writeWatchdogFile(paths, file)
    expect(readWatchdogFile(paths)).to.deep.equal(file)
    for (const text of ['', '{}', '[]', '{"rescues":["x"],"incident":null,"messages":{}}']) {
      writeFileSync(paths.watchdog, text)
      expect(readWatchdogFile(paths), text).to.equal(undefined)
    }
  })
})

describe("the watchdog's status", () => {
  const settings = (more: string) => {
    const home = tempFolder()
    writeFileSync(join(home, '.env'), more)
    return { paths: homePaths(home), settings: readConfig(home, {}).settings }
  }
  const wall = Date.parse('2026-03-01T12:00:00Z')
  const ago = (minutes: number) => wall - minutes * 60_000

  it('is known to be unknown before the first look', async () => {
    const { paths, settings: known } = settings('')
    expect(await watchdogStatus(paths, known, wall)).to.deep.equal({
      running: false,
      enabled: false,
      pid: null,
      bot: null,
      last_check: null,
      next_check: null,
      rescues_used: 0,
      rescues_left: 3,
      next_rescue: null,
      incident: null,
    })
  })

  it('counts the rescues of the last hour, and says when the next is possible', async () => {
    const { paths, settings: known } = settings('WATCHDOG_MAX_RESTARTS=2\n')
    const file = { pid: 1, checked_at: ago(1), next_check_at: wall, status: null, incident: null, messages: {} }
    writeWatchdogFile(paths, { ...file, rescues: [ago(70), ago(50), ago(10)] })
    expect(await watchdogStatus(paths, known, wall)).to.include({
      rescues_used: 2,
      rescues_left: 0,
      next_rescue: '2026-03-01T12:10:00.000Z',
      last_check: '2026-03-01T11:59:00.000Z',
    })
    writeWatchdogFile(paths, { ...file, rescues: [ago(70), ago(50)] })
    expect(await watchdogStatus(paths, known, wall)).to.include({ rescues_left: 1, next_rescue: null })
  })
})

describe('the status of a watchdog that does not run', () => {
  const shown = async (env: string) => {
    const home = tempFolder()
    writeFileSync(join(home, '.env'), env)
    const text = watchdogText(await watchdogStatus(homePaths(home), readConfig(home, {}).settings, 0))
    return text.split('\n')[0]
  }

  it('says why, or how to start it', async () => {
    expect(await shown('')).to.match(/does not run: WATCHDOG_ENABLED is off$/)
    expect(await shown('WATCHDOG_ENABLED=1\n')).to.match(/does not run: catalyst service start watchdog, or /)
  })
})

describe('the address of a heartbeat', () => {
  const cases: [string, boolean, string][] = [
    ['https://hc-ping.com/uuid', true, 'https://hc-ping.com/uuid'],
    ['https://hc-ping.com/uuid', false, 'https://hc-ping.com/uuid/fail'],
    ['https://hc-ping.com/uuid/', false, 'https://hc-ping.com/uuid/fail'],
    [
      'https://kuma.example/api/push/T?status=up&msg=OK&ping=',
      true,
      'https://kuma.example/api/push/T?status=up&msg=OK&ping=',
    ],
    ['https://kuma.example/api/push/T', false, 'https://kuma.example/api/push/T?status=down&msg=incident'],
  ]
  for (const [base, isWell, expected] of cases)
    it(`of ${base} is, when it is ${isWell ? 'well' : 'not'}, ${expected}`, () => {
      expect(heartbeatUrl(base, isWell)).to.equal(expected)
    })
})

describe('ends that nobody asked for', () => {
  const line = (kind: string, more: object = {}) =>
    `${JSON.stringify({ time: '2026-03-01T12:00:00.000Z', kind, ...more })}\n`

  it('are those that come into the journal from now on, also into one that is made later', () => {
    const paths = homePaths(tempFolder())
    const ends = new JournalTail(paths.journal)
    expect(ends.read()).to.deep.equal([])
    mkdirSync(paths.state, { recursive: true })
    writeFileSync(paths.journal, line('bot.lost'))
    ends.read() // notices the file
    writeFileSync(
      paths.journal,
      line('bot.start') +
        line('bot.exit', { exit: 3 }) +
        'torn{' +
        line('bot.stop', { exit: 0 }) +
        line('bot.crash', { exit: 1 }),
      { flag: 'a' },
    )
    expect(ends.read().filter(isUnexpectedEnd).map(exitOf)).to.deep.equal([3, 1])
    expect(ends.read()).to.deep.equal([])
    ends.close()
  })
})

describe("an incident's message", () => {
  const facts = { bot: 'NewsBot', environment: 'production', host: 'vm', release: null, where: undefined }
  const ended: Incident = {
    id: Date.parse('2026-03-01T12:00:00Z'),
    since: Date.parse('2026-03-01T11:59:00Z'),
    opened: 'ended',
    why: 'ended',
    state: 'detected',
    ends: 1,
    exit: 3,
    rescues: 0,
    recoveredAt: undefined,
  }

  it('is as in the golden file, in each state', () => {
    const incidents: Incident[] = [
      ended,
      { ...ended, ends: 7, exit: null },
      { ...ended, state: 'recovered', recoveredAt: ended.id + 192_000 },
      { ...ended, why: 'silent', state: 'restarting', rescues: 1 },
      { ...ended, why: 'hangs', state: 'needs you', rescues: 3 },
      { ...ended, why: 'settings', state: 'needs you', exit: 78 },
      { ...ended, why: 'memory', state: 'detected' },
      { ...ended, why: 'down', state: 'detected' },
    ]
    const text = incidents.map((incident) => JSON.stringify(incidentEmbed(incident, facts), null, 2)).join('\n')
    expectGolden('watchdog/messages.txt', `${text}\n`)
  })

  it('keeps to what Discord takes, whatever it is given', () => {
    const long = { ...facts, bot: 'x'.repeat(1000), environment: 'y'.repeat(1000), where: '```'.repeat(2000) }
    const { title, fields, footer } = incidentEmbed(ended, long)
    expect(title).to.have.length(256)
    expect(footer.text).to.have.length(256)
    for (const { value } of fields) expect(value.length).to.be.at.most(1024)
    expect(fields[1]?.value.slice(4, -4)).to.not.contain('```')
  })

  it('says how long it lasted', () => {
    const cases: [number, string][] = [
      [0, '0 s'],
      [999, '1 s'],
      [61_000, '1 min 1 s'],
      [3_600_000, '1 h'],
      [90_061_000, '1 d 1 h'],
    ]
    for (const [ms, text] of cases) expect(duration(ms)).to.equal(text)
  })
})
