import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { incidentLines, incidentText } from '#cli/watchdog/incident-text.js'
import { secretForms } from '#core/config/secrets.js'
import { CatalystError } from '#core/errors.js'
import type { Evidence } from '#core/incidents/evidence.js'
import { findIncident } from '#core/incidents/find-incident.js'
import { type Incident, incidentName, openIncident } from '#core/incidents/incident.js'
import { Incidents } from '#core/incidents/store.js'
import { parseLogLine } from '#core/logging/read/log-query.js'
import { redactor } from '#core/logging/redact.js'
import { expectGolden } from '../../support/golden.js'
import { tempFolder } from '../../support/temp.js'

const NOON = Date.parse('2026-03-01T12:00:00.000Z')
const MINUTE = 60_000

function incident(changes: Partial<Incident> = {}): Incident {
  return { ...openIncident('silent', NOON), ...changes }
}

function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    at: '2026-03-01T12:00:01.000Z',
    where: { what: 'Its event loop is blocked.', lines: ['work (file:///srv/bot/bot.mjs:3:7)'] },
    health: { now: { status: 'unreachable', reasons: ['no answer within 5 s'] }, last: null, last_at: null },
    bot: null,
    service: { process: 'running', exit: null },
    processes: [{ pid: 7, parent: 1, name: 'node', state: 'R', rss_mb: 80, cpu_percent: 99 }],
    machine: {
      memory_total_mb: 4000,
      memory_free_mb: 1000,
      disk_total_mb: 20_000,
      disk_free_mb: 5000,
      load: [1, 0.5, 0.1],
      up_seconds: 1000,
    },
    release: null,
    stderr: [],
    missing: [],
    ...changes,
  }
}

const log = [parseLogLine('{"level":"info","time":"2026-03-01T12:00:00.000Z","msg":"work"}', undefined)]

/** A store in a folder that isn't there yet. */
function store(redact?: (text: string) => string) {
  const folder = join(tempFolder(), '.catalyst', 'incidents')
  return { folder, incidents: new Incidents(folder, redact) }
}

describe("a home's incidents", () => {
  it('keep the newest one, also after the clock was set back', () => {
    const { incidents } = store()
    for (let n = 0; n < 50; n++) incidents.save(incident({ id: NOON + n * MINUTE }), NOON)
    const early = incident({ id: NOON - 60 * MINUTE })
    incidents.save(early, NOON)
    expect(incidents.read(incidentName(early))).to.include({ id: early.id })
    expect(incidents.list()).to.have.length(50)
  })

  it('hide secrets in texts, and leave numbers whole that hold the same digits', () => {
    const { incidents } = store(redactor(secretForms({ HEALTH_TOKEN: '7723' })))
    const one = incident({ id: 1_772_366_400_000 })
    incidents.save(one, NOON)
    incidents.saveEvidence(one, evidence({ stderr: ['token 7723', '{"password":"abc def"}'] }), log)
    expect(incidents.read(incidentName(one))?.id).to.equal(one.id)
    expect(incidents.evidence(incidentName(one), 'first')?.stderr).to.deep.equal([
      'token [hidden]',
      '{"password":"[hidden]"}',
    ])
  })

  it('are named by their time and by why they were opened, and listed newest first', () => {
    const { folder, incidents } = store()
    expect(incidents.list()).to.deep.equal([])
    incidents.save(incident(), NOON)
    incidents.save(incident({ id: NOON + MINUTE, opened: 'ended', why: 'silent' }), NOON + MINUTE)
    incidents.save(incident({ id: NOON - 1, opened: 'hangs' }), NOON - 1)
    const names = ['20260301T120100000Z-ended', '20260301T120000000Z-silent', '20260301T115959999Z-hangs']
    expect(incidents.list()).to.deep.equal(names)
    expect(readdirSync(folder).reverse()).to.deep.equal(names)
    expect(incidents.read(names[0] as string)).to.include({ why: 'silent', opened: 'ended' })
  })

  it('record each change of state as an event', () => {
    const { incidents } = store()
    const name = incidentName(incident())
    incidents.save(incident(), NOON)
    incidents.save(incident({ state: 'restarting', restartsBegun: 1 }), NOON + 1000)
    incidents.save(incident({ state: 'recovered', restartsBegun: 1, recoveredAt: NOON + 2000 }), NOON + 2000)
    expect(incidents.read(name)).to.deep.include({ state: 'recovered', restartsBegun: 1, recoveredAt: NOON + 2000 })
    expect(incidents.read(name)?.events).to.deep.equal([
      { at: NOON, state: 'detected', why: 'silent' },
      { at: NOON + 1000, state: 'restarting', why: 'silent' },
      { at: NOON + 2000, state: 'recovered', why: 'silent' },
    ])
  })

  it('keep the first event and the latest ones, a hundred in all', () => {
    const { incidents } = store()
    for (let at = 0; at < 150; at++) incidents.save(incident({ ends: at }), NOON + at)
    const times = incidents.read(incidentName(incident()))?.events.map(({ at }) => at - NOON)
    expect(times).to.deep.equal([0, ...Array.from({ length: 99 }, (_, index) => 51 + index)])
  })

  it('keep the first evidence for good, and of the others the last', () => {
    const { incidents } = store()
    const name = incidentName(incident())
    incidents.save(incident(), NOON)
    expect(incidents.evidence(name, 'first')).to.equal(undefined)
    for (const release of ['one', 'two', 'three']) incidents.saveEvidence(incident(), evidence({ release }), log)
    expect(incidents.evidence(name, 'first')?.release).to.equal('one')
    expect(incidents.evidence(name, 'last')?.release).to.equal('three')
    for (const which of ['first', 'last'] as const)
      expect(readFileSync(incidents.logPath(name, which), 'utf8')).to.equal(`${log[0]?.text}\n`)
    expect(readdirSync(incidents.pathOf(name)).sort()).to.deep.equal([
      'evidence-last.json',
      'evidence.json',
      'incident.json',
      'log-last.jsonl',
      'log.jsonl',
    ])
  })

  it('are limited to the latest fifty; other files in the folder stay', () => {
    const { folder, incidents } = store()
    mkdirSync(join(folder, 'notes of mine'), { recursive: true })
    mkdirSync(join(folder, '20250101T000000000Z'))
    writeFileSync(join(folder, '0-readme.txt'), 'mine')
    for (let n = 0; n < 60; n++) {
      incidents.save(incident({ id: NOON + n * MINUTE }), NOON)
      incidents.saveEvidence(incident({ id: NOON + n * MINUTE }), evidence(), log)
    }
    expect(incidents.list()).to.have.length(50)
    expect(incidents.list().at(0)).to.equal('20260301T125900000Z-silent')
    expect(incidents.list().at(-1)).to.equal('20260301T121000000Z-silent')
    expect(readdirSync(folder)).to.include.members(['notes of mine', '20250101T000000000Z', '0-readme.txt'])
    expect(readdirSync(folder)).to.have.length(53)
  })

  const onPosix = process.platform === 'win32' ? () => {} : it // there the folder's ACL decides

  onPosix('are for the owner alone', () => {
    const { folder, incidents } = store()
    incidents.save(incident(), NOON)
    incidents.saveEvidence(incident(), evidence(), log)
    const own = incidents.pathOf(incidentName(incident()))
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
    expect([folder, own].map(mode)).to.deep.equal(['700', '700'])
    for (const file of readdirSync(own)) expect(mode(join(own, file)), file).to.equal('600')
  })

  it('hold no secret, neither in what was found nor in the log', () => {
    const secret = 's3cret-"of"-mine/x'
    const { folder, incidents } = store(redactor(secretForms({ API_KEY: secret })))
    const words = parseLogLine(JSON.stringify({ level: 'info', msg: `with ${secret}` }), undefined)
    incidents.save(incident(), NOON)
    const found = { where: { what: `at ${secret}`, lines: [secret] }, stderr: [secret], service: { words: secret } }
    incidents.saveEvidence(incident(), evidence(found), [words, ...log])
    const own = incidents.pathOf(incidentName(incident()))
    for (const file of readdirSync(own)) {
      const text = readFileSync(join(own, file), 'utf8')
      for (const form of ['s3cret', 'of-mine']) expect(text, file).to.not.contain(form)
    }
    expect(findIncident(folder, undefined).evidence?.stderr).to.deep.equal(['[hidden]'])
    expect(
      readFileSync(incidents.logPath(incidentName(incident()), 'first'), 'utf8')
        .trim()
        .split('\n'),
    ).to.have.length(2)
  })

  it('are passed over where their file is damaged, and go on', () => {
    const { folder, incidents } = store()
    const name = incidentName(incident())
    for (const text of ['', '{', '[]', 'null', '{"id":"x","events":[]}', '{"id":1}']) {
      incidents.save(incident(), NOON)
      writeFileSync(join(folder, name, 'incident.json'), text)
      expect(incidents.read(name), text).to.equal(undefined)
      expect(() => findIncident(folder, undefined)).to.throw(CatalystError, 'No incident is known.')
    }
    incidents.save(incident({ state: 'recovered' }), NOON + 1)
    expect(incidents.read(name)?.events).to.deep.equal([{ at: NOON + 1, state: 'recovered', why: 'silent' }])
    writeFileSync(join(folder, name, 'evidence.json'), '{"at":')
    expect(findIncident(folder, undefined).evidence).to.equal(null)
  })
})

describe('the incident that incident show finds', () => {
  const two = () => {
    const { folder, incidents } = store()
    incidents.save(incident(), NOON)
    incidents.save(incident({ id: NOON + MINUTE, opened: 'hangs', why: 'hangs' }), NOON + MINUTE)
    return folder
  }

  it('is the last one, or the one whose name begins so', () => {
    const folder = two()
    const [last, first] = ['20260301T120100000Z-hangs', '20260301T120000000Z-silent']
    const cases: [string | undefined, string][] = [
      [undefined, last],
      [last, last],
      [first, first],
      ['20260301T1200', first],
    ]
    for (const [asked, name] of cases) {
      const found = findIncident(folder, asked)
      expect(found).to.deep.include({ name, folder: join(folder, name), evidence: null, last_evidence: null })
    }
  })

  it('is not guessed where the name is unknown or ambiguous', () => {
    const folder = two()
    const failure = (asked: string | undefined, where = folder) => {
      try {
        return findIncident(where, asked)
      } catch (error) {
        return error as CatalystError
      }
    }
    for (const asked of ['2027', '../..', '..', '/', `../incidents/${'20260301T120000000Z-silent'}`, 'silent', 'x'])
      expect(failure(asked), asked).to.include({ code: 'INCIDENT_UNKNOWN', exit: 2 })
    expect(failure('2026')).to.deep.include({
      code: 'INCIDENT_AMBIGUOUS',
      exit: 2,
      message: '2 incidents begin with 2026.',
      suggestions: [
        'catalyst incident show 20260301T120100000Z-hangs',
        'catalyst incident show 20260301T120000000Z-silent',
      ],
    })
    const none = join(tempFolder(), 'incidents')
    expect(failure(undefined, none)).to.deep.include({ code: 'INCIDENT_UNKNOWN', exit: 1, suggestions: [] })
    expect(existsSync(none), 'asking makes nothing').to.equal(false)
  })
})

describe('the output of incident list and incident show', () => {
  it('matches the golden files', () => {
    const { folder, incidents } = store()
    const going = incident({ id: NOON, since: NOON - 300_000 })
    incidents.save(going, NOON)
    incidents.saveEvidence(going, evidence(), log)
    incidents.save({ ...going, state: 'restarting', restartsBegun: 1 }, NOON + 2000)
    incidents.saveEvidence(
      going,
      evidence({
        at: '2026-03-01T12:02:00.000Z',
        where: null,
        health: { now: null, last: null, last_at: null },
        processes: null,
        release: '20260301-120000-abc1234',
        stderr: ['Killed', 'out of memory'],
        missing: ['the disk: not within 10 s'],
        machine: { ...evidence().machine, disk_free_mb: null, disk_total_mb: null },
      }),
      log,
    )
    incidents.save(
      { ...going, state: 'recovered', restartsBegun: 1, restarts: 1, recoveredAt: NOON + 192_000 },
      NOON + 192_000,
    )
    const ended = incident({ id: NOON + MINUTE, opened: 'ended', why: 'ended', ends: 2, exit: 3 })
    incidents.save(ended, NOON + MINUTE)
    const loop = incident({ id: NOON + 2 * MINUTE, opened: 'ended', why: 'ended', exit: 1 })
    for (let ends = 1; ends <= 30; ends++) incidents.save({ ...loop, ends }, NOON + (2 + ends) * MINUTE)
    for (let ends = 31; ends <= 33; ends++) {
      incidents.save({ ...loop, ends, state: 'recovered' }, NOON + (9 + ends) * MINUTE)
      incidents.save({ ...loop, ends }, NOON + (9.5 + ends) * MINUTE)
    }
    const service = {
      state: 'restarting',
      ended: { exit: 1, signal: null, at: '2026-03-01T12:31:00.000Z' },
      starts_with_machine: true,
      command: ['node', 'run.js'],
    }
    incidents.saveEvidence(loop, evidence({ service, where: null }), log)
    const memory = { used_mb: 512.4, limit_mb: 300 }
    const fat = incident({ id: NOON + 90 * MINUTE, opened: 'memory', why: 'memory', memory })
    const attention = { why: 'restarts_used_up', limit: 3, nextRestartAt: NOON + 120 * MINUTE } as const
    incidents.save({ ...fat, state: 'needs_attention', restartsBegun: 3, restarts: 3, attention }, NOON + 90 * MINUTE)
    const listed = incidents.list().flatMap((name) => {
      const record = incidents.read(name)
      return record ? [{ name, ...record }] : []
    })
    expectGolden('watchdog/incident-list.txt', `${incidentLines(listed)}\n`)
    const texts = listed.map(({ name }) => incidentText(findIncident(folder, name)))
    expectGolden(
      'watchdog/incident-show.txt',
      `${texts.join('\n\n=====\n\n').replaceAll(folder, '/srv/bot/.catalyst/incidents')}\n`,
    )
  })
})
