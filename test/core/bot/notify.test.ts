import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type NotifierOptions, notifier, notifySettings, systemdNotify } from '#core/bot/notify.js'
import type { Status } from '#core/health/status.js'
import { FakeClock } from '../../support/fake-clock.js'
import { tempFolder } from '../../support/temp.js'

const onPosix = process.platform === 'win32' ? () => {} : it // the fake systemd-notify is a shell script

describe('the settings for notifying systemd', () => {
  const cases: [string, Record<string, string>, ReturnType<typeof notifySettings>][] = [
    ['is nothing where it does not run us', {}, undefined],
    ['is nothing where its socket is empty', { NOTIFY_SOCKET: '', WATCHDOG_USEC: '1000' }, undefined],
    ['is nothing where only a watchdog is set, by whomever', { WATCHDOG_USEC: '1000' }, undefined],
    ['is that we are ready', { NOTIFY_SOCKET: '/run/x' }, { watchdogMs: undefined }],
    ['is that we work', { NOTIFY_SOCKET: '@x', WATCHDOG_USEC: '300000000' }, { watchdogMs: 300_000 }],
    ['is exact to the microsecond', { NOTIFY_SOCKET: '@x', WATCHDOG_USEC: '2000500' }, { watchdogMs: 2000.5 }],
    ['is not that we work, at no time', { NOTIFY_SOCKET: '@x', WATCHDOG_USEC: '0' }, { watchdogMs: undefined }],
    [
      'is not that we work, where nobody knows when',
      { NOTIFY_SOCKET: '@x', WATCHDOG_USEC: 'x' },
      { watchdogMs: undefined },
    ],
  ]
  for (const [what, environment, expected] of cases) {
    it(what, () => {
      expect(notifySettings(environment)).to.deep.equal(expected)
    })
  }

  onPosix('goes through its own program, which finds the socket', async () => {
    const folder = tempFolder()
    const program = join(folder, 'systemd-notify')
    writeFileSync(program, `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> "${folder}/told"\n`)
    chmodSync(program, 0o755)
    const notify = systemdNotify({ PATH: `${folder}:${process.env.PATH}`, NOTIFY_SOCKET: '/run/x' })
    await notify('READY=1', 'WATCHDOG_USEC=5')
    expect(readFileSync(join(folder, 'told'), 'utf8')).to.equal('/run/x READY=1 WATCHDOG_USEC=5\n')
  })

  it('is lost without harm where that program is missing', async () => {
    await systemdNotify({ PATH: tempFolder(), NOTIFY_SOCKET: '/run/x' })('READY=1')
  })
})

/** A notifier, and what it sent, each with when: milliseconds since it was made. */
function newNotifier(options: Partial<NotifierOptions> = {}) {
  const clock = new FakeClock()
  const began = clock.monotonic()
  const bot: { status: Status; isDelayed: boolean; watchdog: 'awake' | 'silent' | 'none' } = {
    status: 'starting',
    isDelayed: false,
    watchdog: 'none',
  }
  const sent: [number, string][] = []
  const faults: string[] = []
  const it = notifier(clock, {
    watchdogMs: 30_000,
    startTimeoutMs: 60_000,
    startExtendedTo: () => undefined,
    notify: async (...fields) => {
      sent.push([clock.monotonic() - began, fields.join(' ')])
      return true
    },
    onFault: (what) => faults.push(what),
    status: () => bot.status,
    isDelayed: () => bot.isDelayed,
    watchdog: () => bot.watchdog,
    ...options,
  })
  /** Turns the clock on; it returns what it has sent since the last turn. */
  const turn = async (ms: number) => {
    await clock.turn(ms)
    return sent.splice(0)
  }
  return { ...it, bot, sent, faults, turn }
}

const READY: [number, string] = [0, 'READY=1 WATCHDOG_USEC=90000000'] // the start's time and the silence

describe('the notifier of systemd', () => {
  it('sends nothing before the bot is ready', async () => {
    const { turn, bot } = newNotifier()
    bot.status = 'healthy'
    expect(await turn(100_000)).to.deep.equal([])
  })

  it('reports once that the bot is ready, with a grace period until the first cycle', async () => {
    const { ready, turn } = newNotifier()
    ready()
    ready()
    expect(await turn(59_000)).to.deep.equal([READY])
  })

  it('extends that grace period as far as the bot itself extends its start, once', async () => {
    let extendedTo: number | undefined
    const { ready, turn, bot } = newNotifier({ startExtendedTo: () => extendedTo })
    ready()
    await turn(10_000)
    extendedTo = new FakeClock().monotonic() + 20_000 // less than there is
    expect(await turn(10_000)).to.deep.equal([])
    extendedTo += 1_800_000
    expect(await turn(100_000)).to.deep.equal([[21_000, 'WATCHDOG=1 WATCHDOG_USEC=1829000000']])
    bot.status = 'healthy'
    expect((await turn(1000)).map(([, what]) => what)).to.deep.equal(['WATCHDOG_USEC=30000000', 'WATCHDOG=1'])
  })

  it('retries the report of readiness until systemd has it, and logs one fault', async () => {
    let fails = 2
    const sent: string[] = []
    const { ready, turn, faults } = newNotifier({
      async notify(...fields) {
        sent.push(fields.join(' '))
        return fails-- <= 0
      },
    })
    ready()
    await turn(10_000)
    expect(sent).to.deep.equal(Array(3).fill(READY[1]))
    expect(faults).to.have.length(1)
  })

  it('ends the grace period with the first cycle, and reports three times per watchdog interval from then on', async () => {
    const { ready, turn, bot } = newNotifier()
    ready()
    await turn(4500)
    bot.status = 'healthy'
    expect(await turn(500)).to.deep.equal([
      [5000, 'WATCHDOG_USEC=30000000'],
      [5000, 'WATCHDOG=1'],
    ])
    expect(await turn(30_000)).to.deep.equal([
      [15_000, 'WATCHDOG=1'],
      [25_000, 'WATCHDOG=1'],
      [35_000, 'WATCHDOG=1'],
    ])
  })

  it('is patient with a start that is delayed, and the grace period begins when the delay is over', async () => {
    const { ready, turn, bot } = newNotifier()
    bot.isDelayed = true
    ready()
    const sent = await turn(600_000)
    expect(sent[0]).to.deep.equal(READY)
    expect(new Set(sent.slice(1).map(([, words]) => words))).to.deep.equal(new Set(['WATCHDOG=1']))
    const lastAt = sent.at(-1)?.[0] ?? 0
    expect(600_000 - lastAt, 'the rest of the grace period is at least the limit of a start').to.be.at.most(30_000)
    bot.isDelayed = false
    expect(await turn(59_000)).to.deep.equal([])
  })

  it('polls within the watchdog interval, even where that is short', async () => {
    const { ready, turn, bot } = newNotifier({ watchdogMs: 1500 })
    ready()
    bot.status = 'healthy'
    expect(await turn(1000)).to.deep.equal([
      [0, 'READY=1 WATCHDOG_USEC=61500000'],
      [500, 'WATCHDOG_USEC=1500000'],
      [500, 'WATCHDOG=1'],
      [1000, 'WATCHDOG=1'],
    ])
  })

  it('sends whole microseconds', async () => {
    const { ready, sent } = newNotifier({ watchdogMs: 2000.0004, startTimeoutMs: 0.1 })
    ready()
    expect(sent).to.deep.equal([[0, 'READY=1 WATCHDOG_USEC=2000100']])
  })

  for (const status of ['healthy', 'degraded', 'stopping', 'starting'] as const) {
    it(`lets a bot live that is ${status}`, async () => {
      const { ready, turn, bot } = newNotifier()
      ready()
      bot.status = 'healthy'
      await turn(1000)
      bot.status = status
      expect((await turn(10_000)).map(([, words]) => words)).to.deep.equal(['WATCHDOG=1'])
    })
  }

  it('asks at once for a restart of a bot that never finished its first cycle', async () => {
    const { ready, turn, bot } = newNotifier()
    ready()
    await turn(60_500)
    bot.status = 'unhealthy'
    expect(await turn(500)).to.deep.equal([
      [61_000, 'WATCHDOG_USEC=30000000'],
      [61_000, 'WATCHDOG=trigger'],
    ])
  })

  it('asks for a restart of a bot that has frozen', async () => {
    const { ready, turn, bot } = newNotifier()
    ready()
    bot.status = 'healthy'
    await turn(1000)
    bot.status = 'unhealthy'
    expect(await turn(10_000)).to.deep.equal([[11_000, 'WATCHDOG=trigger']])
  })

  it('keeps an unhealthy bot alive whose own watchdog is awake, however long that lasts', async () => {
    const { ready, turn, bot } = newNotifier()
    ready()
    bot.status = 'healthy'
    await turn(1000)
    Object.assign(bot, { status: 'unhealthy', watchdog: 'awake' })
    const sent = await turn(24 * 60 * 60_000)
    expect(new Set(sent.map(([, words]) => words))).to.deep.equal(new Set(['WATCHDOG=1']))
    expect(sent).to.have.length(24 * 60 * 6)
  })

  it('sends nothing while the own watchdog is silent, and reports again when the bot works', async () => {
    const { ready, turn, bot } = newNotifier()
    ready()
    bot.status = 'healthy'
    await turn(1000)
    bot.status = 'unhealthy'
    bot.watchdog = 'silent'
    expect(await turn(20_000)).to.deep.equal([])
    bot.status = 'degraded'
    expect(await turn(10_000)).to.deep.equal([[31_000, 'WATCHDOG=1']])
    bot.status = 'unhealthy'
    bot.watchdog = 'none' // it was uninstalled meanwhile
    expect(await turn(10_000)).to.deep.equal([[41_000, 'WATCHDOG=trigger']])
  })

  it('reports only readiness where systemd has no watchdog', async () => {
    const { ready, turn, bot } = newNotifier({ watchdogMs: undefined })
    ready()
    ready()
    bot.status = 'unhealthy'
    expect(await turn(200_000)).to.deep.equal([[0, 'READY=1']])
  })

  it('sends nothing after it was stopped, before the first cycle or later', async () => {
    for (const status of ['starting', 'healthy'] as const) {
      const { ready, stop, turn, bot } = newNotifier()
      ready()
      bot.status = status
      await turn(2000)
      stop()
      bot.status = 'healthy'
      expect(await turn(100_000), status).to.deep.equal([])
    }
  })

  it('can be stopped before it began', async () => {
    const { stop, sent } = newNotifier()
    stop()
    expect(sent).to.deep.equal([])
  })

  it('waits for a slow systemd before it sends more', async () => {
    const sent: string[] = []
    const answers: (() => void)[] = []
    const { ready, turn, bot } = newNotifier({
      notify(...fields) {
        sent.push(fields.join(' '))
        return new Promise((resolve) => answers.push(() => resolve(true)))
      },
    })
    ready()
    bot.status = 'healthy'
    await turn(5000)
    expect(sent).to.deep.equal([READY[1]])
    answers.shift()?.()
    await turn(1000)
    expect(sent.slice(1)).to.deep.equal(['WATCHDOG_USEC=30000000'])
    await turn(5000)
    answers.shift()?.()
    await turn(0)
    expect(sent.slice(2)).to.deep.equal(['WATCHDOG=1'])
  })
})
