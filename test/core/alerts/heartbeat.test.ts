import { expect } from 'chai'
import { type Beat, heartbeatBody, heartbeatRequest, openHeartbeat } from '#core/alerts/heartbeat.js'
import type { Question } from '#core/platform/net/http.js'
import { listen, type TestServer } from '../../support/e2e/server.js'
import { HealthchecksCheck } from '../../support/monitors/healthchecks.js'
import { PushMonitor } from '../../support/monitors/push-monitor.js'

const RUN = '0f1e2d3c-4b5a-4978-8c6d-5e4f3a2b1c0d'
const OTHER_RUN = '11111111-2222-4333-8444-555555555555'
const WELL: Beat = { is: 'well', message: 'healthy', run: RUN, tookMs: 12.4 }
const STARTED: Beat = { is: 'started', run: RUN }
const FAILING: Beat = { is: 'failing', message: 'It hangs', run: RUN, lines: async () => ['one', 'two'] }
const PAUSED: Beat = { is: 'paused', message: 'paused until noon', run: RUN }
const OFF: Beat = { is: 'off', message: 'the watchdog was stopped' }

describe('the request of a heartbeat', () => {
  const PING = 'https://hc-ping.com/uuid'
  const KUMA = 'https://kuma.example/api/push/T?status=up&msg=OK&ping='
  const cases: [string, string, Beat, string | undefined][] = [
    ['Healthchecks that all is well', PING, WELL, `GET ${PING}?rid=${RUN}`],
    ['Healthchecks of a start', PING, STARTED, `GET ${PING}/start?rid=${RUN}`],
    ['Healthchecks of an incident', PING, FAILING, `POST ${PING}/fail?rid=${RUN}`],
    ['Healthchecks of a pause', PING, PAUSED, `POST ${PING}?rid=${RUN}`],
    ['Healthchecks that nobody watches', PING, OFF, `POST ${PING}/log`],
    ['Healthchecks with a slash at the end', `${PING}/`, STARTED, `GET ${PING}/start?rid=${RUN}`],
    [
      'Healthchecks with a query of its own',
      `https://hc.example/ping/key/slug?create=1`,
      STARTED,
      `GET https://hc.example/ping/key/slug/start?create=1&rid=${RUN}`,
    ],
    [
      'Healthchecks on a host of its own, known by the UUID',
      `https://x.example/${RUN}`,
      STARTED,
      `GET https://x.example/${RUN}/start?rid=${RUN}`,
    ],
    ['Healthchecks of a run that is no UUID, without it', PING, { ...WELL, run: 'x&y' }, `GET ${PING}`],
    ['Healthchecks of a run that is not known', PING, { is: 'started' }, `GET ${PING}/start`],
    ['Kuma that all is well', KUMA, WELL, 'GET https://kuma.example/api/push/T?status=up&msg=healthy&ping=12'],
    ['Kuma of an incident', KUMA, FAILING, 'GET https://kuma.example/api/push/T?status=down&msg=It+hangs&ping='],
    ['Kuma of a pause', KUMA, PAUSED, 'GET https://kuma.example/api/push/T?status=up&msg=paused+until+noon&ping='],
    ['Kuma of no start, which it has no word for', KUMA, STARTED, undefined],
    ['Kuma of no end of the watchdog', KUMA, OFF, undefined],
    ['others that all is well', 'https://x.example/beat', WELL, 'GET https://x.example/beat'],
    ['others of an incident', 'https://x.example/beat', FAILING, 'POST https://x.example/beat/fail'],
    ['others of a pause', 'https://x.example/beat', PAUSED, 'GET https://x.example/beat'],
    ['others of no start', 'https://x.example/beat', STARTED, undefined],
  ]
  for (const [name, base, beat, expected] of cases)
    it(`tells ${name}`, () => {
      const text = beat.is === 'well' || beat.is === 'started' ? '' : 'text'
      const request = heartbeatRequest(base, beat, text)
      expect(request && `${request.method} ${request.url}`).to.equal(expected)
      expect(request?.body).to.equal(request?.method === 'POST' ? 'text' : undefined)
    })

  it("keeps Kuma's message in one short line", () => {
    const request = heartbeatRequest(KUMA, { ...WELL, message: `degraded:\n${'x'.repeat(500)}` }, '')
    const msg = new URL(request?.url ?? '').searchParams.get('msg')
    expect(msg).to.match(/^degraded: x+$/)
    expect(msg).to.have.length(200)
  })
})

describe('the text that goes with a heartbeat', () => {
  it('is what happened, then the last lines', () => {
    expect(heartbeatBody('It hangs', ['one', 'two'])).to.equal('It hangs\n\nThe last lines of the log:\none\ntwo')
    expect(heartbeatBody('It hangs', [])).to.equal('It hangs')
  })

  it('has at most 10 kB, whatever there is to say, and the newest lines of all', () => {
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${index} ${'ä'.repeat(20)}`)
    const body = heartbeatBody('It hangs', lines)
    expect(Buffer.byteLength(body)).to.be.within(9900, 10_000)
    expect(body.endsWith(lines.at(-1) as string)).to.equal(true)
    expect(body).to.not.include('line 0 ')
    const long = heartbeatBody('€'.repeat(10_000), lines)
    expect(Buffer.byteLength(long)).to.be.within(9990, 10_000)
    expect(long).to.match(/^€+$/)
  })

  it('can not control a terminal', () => {
    expect(heartbeatBody('a\u001b[2J', ['b\u009b'])).to.equal('a\\x1b[2J\n\nThe last lines of the log:\nb\\x9b')
  })
})

describe('a heartbeat', () => {
  let server: TestServer | undefined
  afterEach(() => server?.close())

  const opened = (base: string | undefined, more: Partial<Parameters<typeof openHeartbeat>[0]> = {}) => {
    const faults: (string | undefined)[] = []
    const heartbeat = openHeartbeat({
      base,
      redact: (text) => text.replaceAll('secret', '***'),
      onFault: (why) => faults.push(why),
      ...more,
    })
    return { ...heartbeat, faults }
  }

  async function toHealthchecks() {
    const check = new HealthchecksCheck()
    server = await listen(check.handler)
    return { check, ...opened(`${server.url}/ping/${check.uuid}`) }
  }

  it('leaves Healthchecks waiting for nothing, once a run that it was told of works', async () => {
    const { check, beat, told } = await toHealthchecks()
    for (const one of [STARTED, WELL, WELL]) {
      beat(one)
      await told()
    }
    expect(check.pings.map(({ action, rid }) => [action, rid])).to.deep.equal([
      ['start', RUN],
      ['success', RUN],
      ['success', RUN],
    ])
    expect([check.status, check.awaited, check.measured]).to.deep.equal(['up', undefined, [RUN]])
    expect(check.refused).to.deep.equal([])
  })

  it('tells Healthchecks why it fails, with the last lines and without secrets', async () => {
    const { check, beat, told } = await toHealthchecks()
    beat({
      ...FAILING,
      message: 'It hangs: secret',
      lines: async () => ['the secret word', 'x'.repeat(20_000), 'last'],
    })
    await told()
    expect(check.status).to.equal('down')
    expect(check.pings[0]?.method).to.equal('POST')
    expect(check.pings[0]?.body).to.equal('It hangs: ***\n\nThe last lines of the log:\nlast')
    beat({ ...FAILING, lines: () => Promise.reject(new Error('EACCES')) })
    await told()
    expect(check.pings[1]?.body).to.equal('It hangs')
    beat(OFF)
    await told()
    expect(check.pings[2]).to.include({ action: 'log', body: OFF.message })
    expect(check.status, 'as it was').to.equal('down')
  })

  it('keeps Healthchecks up through a pause, and says that it is one', async () => {
    const { check, beat, told } = await toHealthchecks()
    beat(PAUSED)
    await told()
    expect([check.status, check.pings[0]?.body]).to.deep.equal(['up', 'paused until noon'])
  })

  it('names no run whose start did not arrive, for whose end Healthchecks would wait in vain', async () => {
    const check = new HealthchecksCheck()
    let isDown = false
    server = await listen(check.handler)
    const { url: own } = server
    const send = async (url: string, { method = 'GET' }: Question) => {
      if (isDown) throw new Error('connection refused')
      const { status } = await fetch(`${own}${new URL(url).pathname}${new URL(url).search}`, { method })
      return { status }
    }
    const { beat, told } = opened(`http://hc.example/ping/${check.uuid}`, { send })
    beat(STARTED)
    await told()
    isDown = true
    beat({ ...STARTED, run: OTHER_RUN })
    await told()
    isDown = false
    beat({ ...WELL, run: OTHER_RUN })
    await told()
    expect([check.status, check.awaited]).to.deep.equal(['up', undefined])
  })

  it("is a line of health at Kuma's push monitor, and the time that the check took", async () => {
    const monitor = new PushMonitor()
    server = await listen(monitor.handler)
    const { beat, told } = opened(`${server.url}/api/push/TOKEN?status=up&msg=OK&ping=`)
    for (const one of [STARTED, WELL, FAILING, PAUSED, OFF]) beat(one)
    await told()
    expect(monitor.beats).to.deep.equal([
      { status: 'up', msg: 'healthy', ping: 12 },
      { status: 'down', msg: 'It hangs', ping: null },
      { status: 'up', msg: 'paused until noon', ping: null },
    ])
    expect(monitor.refused).to.deep.equal([])
  })

  it('says once that it is not taken, and once that it is again', async () => {
    const answers = [500, 404, new Error('no answer'), 200, 204, 500]
    const send = async () => {
      const answer = answers.shift() as number | Error
      if (answer instanceof Error) throw answer
      return { status: answer }
    }
    const { beat, told, faults } = opened('https://hc-ping.com/uuid', { send })
    while (answers.length > 0) {
      beat(WELL)
      await told()
    }
    expect(faults).to.deep.equal(['HTTP 500', undefined, 'HTTP 500'])
  })

  it('waits for the one before, and does not gather signs of life for a monitor that is silent', async () => {
    const sent: string[] = []
    let answer = () => {}
    const send = (url: string) => {
      sent.push(url)
      return new Promise<{ status: number }>((resolve) => {
        answer = () => resolve({ status: 200 })
      })
    }
    const { beat, told } = opened('https://hc-ping.com/uuid', { send })
    beat(STARTED)
    for (let check = 0; check < 100; check++) beat(WELL)
    for (let incident = 0; incident < 100; incident++) beat(FAILING)
    await new Promise(setImmediate)
    expect(sent).to.have.length(1)
    for (let turn = 0; turn < 50; turn++) {
      answer()
      await new Promise(setImmediate)
    }
    await told()
    expect(sent).to.have.length(20)
    expect(sent[1], 'in their order').to.equal(`https://hc-ping.com/uuid?rid=${RUN}`)
  })

  it('is nothing where nobody is to be told', async () => {
    const { beat, told, faults } = opened(undefined, { send: () => Promise.reject(new Error('asked')) })
    beat(WELL)
    await told()
    expect(faults).to.deep.equal([])
  })
})
