import { expect } from 'chai'
import { catalystDrillCrash, DRILLS, type Drill, type Drilled, drillRefusal } from '#core/bot/drill.js'
import { type ControlHandlers, type ControlServer, openControlServer } from '#core/bot/servers/control-server.js'
import type { HealthReport } from '#core/health/report.js'
import { ask } from '../../support/e2e/ask.js'

const proof = /^The proof of this bot is that its process lives/
const windows = /^Windows can not freeze a program/

describe('the refusal of a drill', () => {
  const cases: [Drill, Drilled, RegExp | undefined][] = [
    ['crash', { kind: 'module', signals: [], platform: 'linux' }, undefined],
    ['crash', { kind: 'program', signals: [], platform: 'linux' }, undefined],
    ['crash', { kind: 'program', signals: [], platform: 'win32' }, undefined],
    ['freeze', { kind: 'module', signals: ['cycle'], platform: 'linux' }, undefined],
    ['freeze', { kind: 'module', signals: [], platform: 'linux' }, undefined],
    ['freeze', { kind: 'module', signals: [], platform: 'win32' }, undefined],
    ['hang', { kind: 'module', signals: ['cycle'], platform: 'win32' }, undefined],
    ['hang', { kind: 'module', signals: ['report'], platform: 'linux' }, undefined],
    ['hang', { kind: 'module', signals: [], platform: 'linux' }, proof],
    ['hang', { kind: 'module', signals: ['url'], platform: 'linux' }, /nobody could notice that its cycle hangs/],
    ['freeze', { kind: 'program', signals: [], platform: 'linux' }, proof],
    ['hang', { kind: 'program', signals: [], platform: 'darwin' }, proof],
    ['freeze', { kind: 'program', signals: ['report'], platform: 'linux' }, undefined],
    ['hang', { kind: 'program', signals: ['url'], platform: 'darwin' }, undefined],
    ['freeze', { kind: 'program', signals: ['report'], platform: 'win32' }, windows],
    ['hang', { kind: 'program', signals: [], platform: 'win32' }, windows],
    ['hang', { kind: 'module', signals: ['cycle', 'file'], platform: 'linux' }, undefined],
    [
      'hang',
      { kind: 'module', signals: ['url', 'file'], platform: 'linux' },
      /^The proof of this bot is url, file, so/,
    ],
    ['freeze', { kind: 'program', signals: ['log', 'telegram'], platform: 'linux' }, undefined],
    ['freeze', { kind: 'program', signals: ['telegram'], platform: 'linux' }, /only once somebody writes to the bot/],
  ]
  for (const [drill, drilled, why] of cases) {
    const { kind, signals, platform } = drilled
    const by = signals.join(',') || 'its process'
    it(`${drill}: a ${kind} proven by ${by} on ${platform} ${why ? 'can not' : 'can'}`, () => {
      const refusal = drillRefusal(drill, drilled)
      if (why) expect(refusal).to.match(why)
      else expect(refusal).to.equal(undefined)
    })
  }

  it('lets a crash be an error that names itself', () => {
    expect(catalystDrillCrash).to.throw('catalyst drill crash')
  })
})

describe('a drill at the control server', () => {
  let server: ControlServer | undefined
  const open = async (onDrill: ControlHandlers['onDrill']) => {
    server = await openControlServer({ instance: 'i', report: () => ({}) as HealthReport, onStop() {}, onDrill })
    return server.url
  }

  afterEach(() => server?.close())

  it('begins, each by its name', async () => {
    const begun: Drill[] = []
    const controlUrl = await open((drill) => void begun.push(drill))
    for (const drill of DRILLS)
      expect(await ask(`${controlUrl}/drill/${drill}`, { method: 'POST' })).to.include({
        status: 202,
        body: 'begins\n',
      })
    expect(begun).to.deep.equal(DRILLS)
  })

  it('is refused with the reason', async () => {
    const controlUrl = await open(() => 'The bot is still starting.')
    const answer = await ask(`${controlUrl}/drill/hang`, { method: 'POST' })
    expect(answer).to.include({ status: 409, body: 'The bot is still starting.\n' })
  })

  it('is not begun by a GET, an unknown kind, or without the secret', async () => {
    const begun: Drill[] = []
    const controlUrl = await open((drill) => void begun.push(drill))
    const asked: [string, string, number][] = [
      ['GET', `${controlUrl}/drill/crash`, 405],
      ['HEAD', `${controlUrl}/drill/crash`, 405],
      ['POST', `${controlUrl}/drill/explode`, 404],
      ['POST', `${controlUrl}/drill/`, 404],
      ['POST', `${controlUrl}/drill/crash/`, 404],
      ['POST', `${controlUrl}/drill`, 404],
      ['POST', `${controlUrl}/health`, 405],
      ['POST', `${new URL(controlUrl).origin}/drill/crash`, 404],
    ]
    for (const [method, url, status] of asked) expect((await ask(url, { method })).status, url).to.equal(status)
    expect(begun).to.deep.equal([])
  })
})
