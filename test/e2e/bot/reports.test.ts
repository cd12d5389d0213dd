import { expect } from 'chai'
import { ask } from '../../support/e2e/ask.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { PATIENCE_MS, until } from '../../support/e2e/until.js'

/** A program that says where it would report to, so that the tests can report in its place. */
const WRITES_ITS_ADDRESS = `
import fs from 'node:fs'
fs.writeFileSync('report-url', process.env.CATALYST_REPORT_URL)
setInterval(() => {}, 1000)`

const JSON_TYPE = { 'Content-Type': 'application/json' }

describe('e2e: reports of a program', () => {
  const { programHome } = endToEnd()

  async function reporting(settings: Record<string, string> = {}) {
    const home = programHome(WRITES_ITS_ADDRESS, settings)
    const bot = await home.started()
    const url = await home.reportUrl()
    const report = (kind: string, body?: string | Buffer, headers: Record<string, string> = {}) =>
      ask(`${url}/${kind}`, { method: 'POST', headers, timeoutMs: PATIENCE_MS, ...(body !== undefined && { body }) })
    return { home, bot, url, report }
  }

  it('are counted: cycles, alerts, errors; with no body, a text, or JSON', async () => {
    const { home, report } = await reporting()
    expect(await home.health()).to.include({ proof: 'process', last_cycle_seconds_ago: null })
    const answers = [
      await report('cycle'),
      await report('cycle', 'a round is done'),
      await report('cycle', JSON.stringify({ message: 'another one', next_in_seconds: 5 }), JSON_TYPE),
      await report('alert', 'something is up'),
      await report('alert', JSON.stringify({ message: 'something else' }), JSON_TYPE),
      await report('error', 'went wrong'),
    ]
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200, 200, 200, 200])
    expect(await home.health()).to.include({
      status: 'healthy',
      proof: 'report',
      total_cycles: 3,
      cycles_today: 3,
      alerts_today: 2,
      alerts_week: 2,
      errors_last_hour: 1,
    })
    await until(() => home.logged().includes('went wrong'))
    expect(home.logged()).to.include.members(['a round is done', 'another one', 'something is up', 'something else'])
    await until(() => home.read('data/logs/errors.log').includes('went wrong'))
  })

  it('the first cycle turns the proof from the process to the reports; when they stop, that is noticed', async () => {
    const { home, report } = await reporting({ WATCHDOG_FREEZE_THRESHOLD: '1' })
    expect((await home.status('healthy')).reasons).to.deep.equal(['only the process is watched'])
    await report('error', 'an error proves nothing')
    expect(await home.health()).to.include({ status: 'healthy', proof: 'process' })
    await report('cycle', '{"next_in_seconds": 2}')
    expect((await home.status('healthy')).last_cycle_seconds_ago).to.be.within(0, 3)
    const { reasons } = await home.status('unhealthy')
    expect(reasons[0]).to.match(/^no cycle for .* s, overdue by /)
    await report('cycle', '{"next_in_seconds": 60}')
    await home.status('healthy')
    await until(async () => ((await home.health()).last_cycle_seconds_ago ?? 0) > 2)
    expect((await home.health()).status).to.equal('healthy')
  })

  it('with BOT_PROOF=process stay counted, but prove nothing', async () => {
    const { home, report } = await reporting({ BOT_PROOF: 'process' })
    await report('cycle')
    expect(await home.health()).to.include({ status: 'healthy', proof: 'process', total_cycles: 1 })
  })

  it('with BOT_PROOF=report are awaited from the start', async () => {
    const { home, report } = await reporting({ BOT_PROOF: 'report', BOT_START_TIMEOUT: '1' })
    expect((await home.health()).status).to.equal('starting')
    await home.status('unhealthy')
    await report('cycle')
    await home.status('healthy')
  })

  it('that are no reports are refused: wrong path 404, GET 405, bad next_in_seconds 400', async () => {
    const { home, url, report } = await reporting()
    const { origin } = new URL(url)
    const refused: [string, number, Promise<{ status: number }>][] = [
      ['an unknown kind', 404, report('round')],
      ['no kind', 404, report('')],
      ['another secret', 404, ask(`${origin}/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/cycle`, { method: 'POST' })],
      ['no secret', 404, ask(`${origin}/cycle`, { method: 'POST' })],
      ['GET', 405, ask(`${url}/cycle`)],
      ['text for a number', 400, report('cycle', '{"next_in_seconds": "soon"}')],
      ['a negative number', 400, report('cycle', '{"next_in_seconds": -1}')],
      ['a year', 400, report('cycle', '{"next_in_seconds": 31536000}')],
    ]
    for (const [what, status, answer] of refused) expect((await answer).status, what).to.equal(status)
    expect(await home.health()).to.include({ total_cycles: 0, proof: 'process' })
    // a text in braces that is no JSON is still a message
    expect((await report('alert', '{not json}')).status).to.equal(200)
    expect(await home.health()).to.include({ alerts_today: 1 })
  })

  it('of 10 MB get 413, and the bot lives', async () => {
    const { home, report } = await reporting()
    const huge = Buffer.alloc(10 * 1024 * 1024, 'x')
    for (let n = 0; n < 5; n++) {
      const answer = await report('alert', huge)
      expect(answer.status).to.equal(413)
      expect(answer.body).to.contain('at most 65536 bytes')
    }
    expect(await home.health()).to.include({ alerts_today: 0, status: 'healthy' })
    expect((await report('alert', Buffer.alloc(64 * 1024, 'x'))).status).to.equal(200)
    expect((await home.health()).alerts_today).to.equal(1)
  })

  it('without length, of 10 MB, get 413 too', async () => {
    const { home, report } = await reporting()
    const answer = await report('alert', Buffer.alloc(10 * 1024 * 1024, 'x'), { 'Transfer-Encoding': 'chunked' })
    expect(answer.status).to.equal(413)
    expect((await home.health()).alerts_today).to.equal(0)
  })

  it('1,000 as fast as possible are all counted', async () => {
    const { home, report } = await reporting()
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(Array.from({ length: 100 }, () => report('cycle')))
      expect(answers.filter(({ status }) => status === 200)).to.have.length(100)
    }
    expect(await home.health()).to.include({ total_cycles: 1000, cycles_today: 1000 })
  })

  it('find nobody any more when the bot has ended', async () => {
    const { bot, report } = await reporting()
    await report('cycle')
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    const late = await report('cycle').catch((error) => error)
    expect(late.code).to.equal('ECONNREFUSED')
  })
})
