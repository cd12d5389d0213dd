import { expect } from 'chai'
import { History, MINUTE_MS } from '#core/health/history/history.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import { openAssets } from '#core/health/page/assets.js'
import type { PageFacts } from '#core/health/page/facts.js'
import { UPDATE_MS } from '#core/health/page/live.js'
import { withoutPaths } from '#core/health/page/without-paths.js'
import { printable } from '#core/printable.js'
import { aMonitor } from '../../../support/builders/monitor.js'
import { aReport, aStatusPage } from '../../../support/builders/status-page.js'
import { FakeClock } from '../../../support/fake-clock.js'

describe('the status page', () => {
  let clock: FakeClock
  let monitor: HealthMonitor
  let history: History

  beforeEach(() => {
    clock = new FakeClock()
    monitor = aMonitor(clock)
    monitor.setRunning()
    history = new History()
  })

  const facts = (changes: Partial<PageFacts> = {}): PageFacts => ({
    rating: () => ({ rating: 'good', reason: 'it passed the gate' }),
    restarts: () => ({ restarts: 2, unexpected: 1 }),
    incidents: () => [clock.now() - 30 * MINUTE_MS],
    stories: () => [],
    ...changes,
  })

  async function texts(query = '', options: Partial<Parameters<typeof aStatusPage>[1]> = {}) {
    const page = aStatusPage(clock, {
      report: () => aReport(monitor, clock, { release: 'v1.2.0-1a2b3c4d' }),
      history,
      facts: async () => facts(),
      ...options,
    })
    await page.open()
    const text = (path: string) => {
      const answer = page.answer(path, new URLSearchParams(query))
      return answer?.is === 'text' ? answer.text : ''
    }
    return { page, whole: text('/'), text }
  }

  it('says how the bot is, since when, and why', async () => {
    monitor.recordCycle()
    monitor.setDependency('prices', 'HTTP 503')
    monitor.state()
    await clock.turn(10_000)
    const { whole } = await texts()
    expect(whole).to.include('<body data-status="degraded"')
    expect(whole).to.match(/<h1><span class="hidden">a bot: <\/span>Degraded<\/h1>/)
    expect(whole).to.match(/Since <time datetime="2026-03-01T12:00:00.000Z">12:00<\/time>, for 10\u00a0s\./)
    expect(whole).to.include('<li>prices is down: HTTP 503</li>')
  })

  it('tells the release with its rating, the restarts, and what was announced', async () => {
    monitor.recordCycle()
    monitor.announced.busy(600, 'the nightly digest')
    const { whole } = await texts()
    expect(whole).to.include('<span class="figure">v1.2.0</span>')
    expect(whole).to.include('rated <b class="rating good">good</b>, 1a2b3c4d')
    expect(whole).to.include('<span class="figure">2</span><span class="note">in 24 hours, 1 unexpected exit</span>')
    expect(whole).to.include('<li>busy until 12:10: the nightly digest</li>')
  })

  it('says that a person has paused the watchdog, and until when', async () => {
    monitor.recordCycle()
    const paused = { ...aReport(monitor, clock), watchdog_paused_until: '2026-03-01T14:00:00.000Z' }
    const { whole } = await texts('', { report: () => paused })
    expect(whole).to.include('<li>the watchdog is paused until 14:00</li>')
  })

  it('has 90 days, each with its share, its incidents, and a link to its stories', async () => {
    history.addHour(clock.now() - 3_600_000, { workingMs: 582 * MINUTE_MS, failingMs: 18 * MINUTE_MS })
    const { whole } = await texts()
    expect(whole.match(/data-day="/g)).to.have.length(90)
    expect(whole).to.include(
      'class="day much marked" href="/?day=2026-03-01#day" data-day="2026-03-01" aria-label="1 Mar: worked 97.0 % of the time, 1 incident"',
    )
    expect(whole).to.include('97.0 % <small>of the 10\u00a0h that are known it worked</small>')
  })

  it('takes a few minutes that are known for no day', async () => {
    history.addHour(clock.now(), { workingMs: 4 * MINUTE_MS })
    history.addHour(clock.now() - 24 * 3_600_000, { stoppedMs: 4 * MINUTE_MS })
    history.addHour(clock.now() - 48 * 3_600_000, { stoppedMs: 13 * 3_600_000 })
    const { whole } = await texts('', { facts: async () => facts({ incidents: () => [] }) })
    const labels = [...whole.matchAll(/class="(day [\w ]+)"[^>]+aria-label="([^"]+)"/g)].map(([, ...found]) => found)
    expect(labels.slice(-3)).to.deep.equal([
      ['day stopped', '27 Feb: stopped on purpose'],
      ['day unknown', '28 Feb: not known'],
      ['day whole', '1 Mar: worked 100 % of the 4\u00a0min that are known'],
    ])
  })

  it('shows the beginning of a text of 10 kB', async () => {
    const long = 'x'.repeat(10_000)
    monitor.setFault('x', long)
    const story = { at: clock.now(), tone: 'bad' as const, title: long, outcome: long, text: long }
    const { whole } = await texts('day=2026-03-01', { facts: async () => facts({ stories: () => [story] }) })
    expect(whole).to.match(/<li>x{600}…<\/li>/)
    expect(whole).to.not.match(/x{601}/)
  })

  it('counts no cycles where none is reported', async () => {
    const report = { ...aReport(monitor, clock), proof: 'process', cycles_today: 0, last_cycle_seconds_ago: null }
    expect((await texts('', { report: () => report })).whole).to.include('<span class="note">none is reported</span>')
  })

  it('opens a day with its stories and a chart with its table, also without script', async () => {
    history.add(clock.now(), { cycles: 7, workingMs: 60_000 })
    const story = {
      at: clock.now() - 5 * MINUTE_MS,
      until: clock.now(),
      tone: 'warn' as const,
      title: 'Incident: hangs',
      outcome: 'recovered after 5 min',
      text: 'It answered, but its work stood still.',
    }
    const { whole } = await texts('day=2026-03-01&chart=cycles&range=hour', {
      facts: async () => facts({ stories: () => [story] }),
    })
    expect(whole).to.include('Sunday, 1 Mar 2026').and.to.include('Incident: hangs')
    expect(whole).to.match(/<td data-value="7">7<\/td>/)
    expect(whole).to.not.match(/id="(day|chart)"[^>]* hidden/)
  })

  it('says nothing to a query that it does not know', async () => {
    const { whole, text } = await texts('day=../../x&chart=%3Cb%3E&range=9')
    expect(whole).to.match(/id="day"[^>]* hidden/)
    expect(whole).to.not.include('../../x').and.to.not.include('<b>')
    expect([text('/page/day'), text('/page/chart'), text('/page/nothing')]).to.deep.equal(['', '', ''])
  })

  it('shows no secret, no path of the machine, and no markup, whatever names and reasons hold them', async () => {
    const hostile =
      '<img src=x onerror=alert(1)>"\'&\x1b[31m\u202e s3cret /home/mara/bots/news/.env /root/.ssh/id_rsa C:\\Users\\mara\\x'
    monitor.recordCycle()
    monitor.setDependency(hostile, hostile)
    monitor.setFault('x', hostile)
    monitor.announced.busy(60, hostile.slice(0, 150))
    const story = { at: clock.now(), tone: 'bad' as const, title: hostile, outcome: hostile, text: hostile }
    const { whole, page } = await texts('day=2026-03-01', {
      report: () =>
        aReport(monitor, clock, {
          name: hostile,
          environment: hostile,
          release: hostile,
          version: hostile,
          features: { [hostile]: true },
        }),
      facts: async () => facts({ rating: () => ({ rating: 'bad', reason: hostile }), stories: () => [story] }),
      clean: (text) => printable(withoutPaths(text.replaceAll('s3cret', '[hidden]'), '/home/mara/bots/news')),
    })
    const told: string[] = []
    const viewer = { write: (text: string) => told.push(text), once: () => {}, on: () => {}, end: () => {} }
    page.live.add(viewer as never)
    page.live.close()
    const update = JSON.parse(told[0]?.split('data: ')[1] ?? '')
    const parts = Object.values<string>(update.parts).join('') // all else is put in as text
    expect(parts.length).to.be.above(1000)
    for (const text of [whole, parts]) expect(text).to.not.include('<img')
    for (const text of [whole, parts, update.title, update.say, update.today.label])
      for (const part of ['s3cret', 'mara', '/root', 'C:\\', '\x1b', '\u202e']) expect(text).to.not.include(part)
    expect(whole).to.include('&#60;img src=x onerror=alert(1)&#62;')
  })

  it('tells a viewer all that has changed since it came, also what is again as an earlier one knew it', async () => {
    monitor.recordCycle()
    monitor.setDependency('prices', undefined)
    const { page } = await texts()
    const look = () => {
      const told: string[] = []
      const viewer = { write: (text: string) => told.push(text), once: () => {}, on: () => {}, end: () => {} }
      page.live.add(viewer as never)
      return told
    }
    look()
    await clock.turn(UPDATE_MS)
    monitor.setDependency('prices', 'HTTP 503')
    const later = look()
    expect(later.join()).to.include('does not answer')
    monitor.setDependency('prices', undefined)
    await clock.turn(UPDATE_MS)
    const { parts } = JSON.parse(later.at(-1)?.split('data: ')[1] ?? '')
    expect(parts['needs-part']).to.include('answers').and.to.not.include('does not answer')
    page.live.close()
  })

  it('reads the files of the home once for all who look within some seconds', async () => {
    let reads = 0
    const { page } = await texts('', {
      facts: async () =>
        facts({
          incidents: () => {
            reads++
            return []
          },
        }),
    })
    for (let viewer = 0; viewer < 20; viewer++) page.answer('/', new URLSearchParams())
    expect(reads).to.equal(1)
    await clock.turn(60_000)
    page.answer('/', new URLSearchParams())
    expect(reads).to.equal(2)
  })

  it('shows all the rest where files of the home can not be read', async () => {
    const fail = () => {
      throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
    }
    const { whole } = await texts('day=2026-03-01', {
      facts: async () => ({ rating: fail, restarts: fail, incidents: fail, stories: fail }),
    })
    expect(whole).to.include('not rated').and.to.include('EACCES: permission denied')
    expect((await texts('', { facts: async () => fail() })).whole).to.include('<h1>')
  })

  it('has files that are named by what is in them', async () => {
    const assets = openAssets()
    const { whole } = await texts('', { assets })
    const [, script = ''] = /src="\/page\/assets\/(page-[0-9a-f]{12}\.js)"/.exec(whole) ?? []
    const file = assets.read(script)
    expect(file?.type).to.match(/^text\/javascript/)
    expect(file?.gzip.length).to.be.below(file?.bytes.length ?? 0)
    for (const name of ['names.json', '../catalyst.cjs', `${script}.gz`, 'page.js', ''])
      expect(assets.read(name), name).to.equal(undefined)
  })
})
