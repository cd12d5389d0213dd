import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { keepServiceLogsShort, serviceLogs } from '#core/logging/service-logs.js'
import { until } from '../../support/e2e/until.js'
import { FakeClock } from '../../support/fake-clock.js'
import { tempFolder } from '../../support/temp.js'
import { filesOf, textOf, upTo } from './support.js'

const HOUR_MS = 60 * 60 * 1000
const NOW = Date.parse('2026-03-01T12:00:00Z')

/** Keeps logs short in a folder of the test's own, whose files no stream of ours appends to. */
function keeping(files: Record<string, string> = {}, { days = 7, maxBytes = 1e9, limitBytes = 10 } = {}) {
  const folder = tempFolder()
  const put = (name: string, text = 'x\n') => fs.writeFileSync(join(folder, name), text)
  for (const [name, text] of Object.entries(files)) put(name, text)
  const clock = new FakeClock(NOW)
  const faults: string[] = []
  const begin = () => {
    const stop = keepServiceLogsShort(clock, {
      role: 'bot',
      folder,
      retention: { days, maxBytes },
      limitBytes,
      onFault: (why) => faults.push(why),
    })
    stops.push(stop)
    return stop
  }
  return { folder, put, clock, faults, begin, names: () => fs.readdirSync(folder).sort() }
}

const stops: (() => void)[] = []

describe("a service manager's logs", () => {
  afterEach(() => {
    for (const stop of stops.splice(0)) stop()
  })

  it('are the files to which it appends our output and errors', () => {
    expect(serviceLogs('bot').map(({ descriptor, name }) => `${descriptor} ${name}`)).to.deep.equal([
      '1 service_stdout.log',
      '2 service_stderr.log',
    ])
  })

  it('are cut at the start and then every ten seconds, in whole lines, without losing newer ones', async () => {
    const folder = tempFolder()
    const [out, err] = serviceLogs('bot').map(({ name }) => fs.openSync(join(folder, name), 'a'))
    const args = ['--no-warnings', '--import', 'tsx', fileURLToPath(new URL('service-logs-child.ts', import.meta.url))]
    const child = spawn(process.execPath, [...args, folder], { stdio: ['ignore', out, err, 'ipc'] })
    for (const descriptor of [out, err]) fs.closeSync(descriptor as number)
    let sizes: unknown
    child.on('message', (message) => {
      sizes = message
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect(code, fs.readFileSync(join(folder, 'service_stderr.log'), 'utf8')).to.equal(0)
    expect(sizes, 'at once; before the time; then; within its limit; ended').to.deep.equal([0, 110, 0, 20, 320])

    const files = filesOf(folder, 'service_stdout.log')
    expect(files).to.have.length(3)
    const kept = files.map((file) => textOf(join(folder, file)))
    const lines = (from: number, to: number) =>
      upTo(to - from)
        .map((n) => `line ${String(from + n).padStart(4, '0')}\n`)
        .join('')
    expect(kept).to.deep.equal([lines(20, 30), lines(36, 46), lines(46, 78)])
    expect(filesOf(folder, 'service_stderr.log'), 'which was within its limit').to.deep.equal(['service_stderr.log'])
    expect(fs.readFileSync(join(folder, 'service_stderr.log'), 'utf8')).to.equal(lines(30, 35))
  })

  it('are left alone if they are not what we print to, however long', async () => {
    const { begin, clock, names, faults } = keeping({
      'service_stdout.log': 'x'.repeat(99),
      'service_stderr.log': 'y\n',
    })
    begin()
    await clock.turn(HOUR_MS)
    expect(names()).to.deep.equal(['service_stderr.log', 'service_stdout.log'])
    expect(faults).to.deep.equal([])
  })

  it('are removed after the retention days if NSSM has rotated them, and nothing else is', async () => {
    const expired = [
      'service_stdout-20260222T115959.123.log',
      'service_stderr-20250101T000000.000.log',
      'service_stdout-20251231T235959.999.log',
    ]
    const kept = [
      'service_stdout-20260222T120001.000.log', // a second short of its days
      'service_stdout-20260301T115959.000.log',
      'service_stdout-20270101T000000.000.log', // the clock was wrong
      'service_stdout-20250101T000000.log',
      'service_stdout-20250101T000000.000.log.bak',
      'service_stdout-mine.log',
      'service_stdout2-20250101T000000.000.log',
      'service_stdout.log',
      'service_watchdog_stdout-20250101T000000.000.log',
      'my-service_stdout-20250101T000000.000.log',
      'bot-20250101T000000.000.log',
    ]
    const { begin, clock, names, faults } = keeping(
      Object.fromEntries([...expired, ...kept].map((name) => [name, 'x\n'])),
    )
    begin()
    await clock.turn(0)
    expect(names()).to.deep.equal(kept.sort())
    expect(faults).to.deep.equal([])
  })

  it('are removed after as many days as the settings say', async () => {
    const { begin, clock, names } = keeping(
      { 'service_stdout-20260227T110000.000.log': 'x\n', 'service_stdout-20260227T130000.000.log': 'x\n' },
      { days: 2 },
    )
    begin()
    await clock.turn(0)
    expect(names()).to.deep.equal(['service_stdout-20260227T130000.000.log'])
  })

  it('are removed beyond their size, too, if NSSM has rotated them, the oldest first', async () => {
    const { begin, clock, names } = keeping(
      {
        'service_stdout-20260228T110000.000.log': '12345678',
        'service_stdout-20260228T120000.000.log': '12345678',
        'service_stderr-20260227T120000.000.log': '12345678',
      },
      { maxBytes: 10 },
    )
    begin()
    await clock.turn(0)
    expect(names()).to.deep.equal(['service_stderr-20260227T120000.000.log', 'service_stdout-20260228T120000.000.log'])
  })

  it('are checked every hour, until that is stopped', async () => {
    const { begin, put, clock, names } = keeping()
    const old = 'service_stderr-20250101T000000.000.log'
    const stop = begin()
    await clock.turn(HOUR_MS - 1)
    put(old)
    await clock.turn(0)
    expect(names()).to.deep.equal([old])
    await clock.turn(1)
    expect(names()).to.deep.equal([])
    put(old)
    await clock.turn(HOUR_MS)
    expect(names(), 'and again').to.deep.equal([])
    stop()
    put(old)
    await clock.turn(2 * HOUR_MS)
    expect(names()).to.deep.equal([old])
  })

  it('are compressed after a cut, and removed after their days', async () => {
    const rotated = (name: string, time: string) => `${name}.${time}-000`
    const { begin, names, folder } = keeping({
      [rotated('service_stdout.log', '2026-02-20T00-00-00-000Z')]: 'x\n',
      [`${rotated('service_stderr.log', '2026-02-20T00-00-00-000Z')}.gz`]: 'x\n',
      [rotated('service_stderr.log', '2026-02-28T00-00-00-000Z')]: 'still here\n',
    })
    begin()
    const kept = `${rotated('service_stderr.log', '2026-02-28T00-00-00-000Z')}.gz`
    await until(() => names().join() === kept)
    expect(textOf(join(folder, kept))).to.equal('still here\n')
  })

  it("are reported if they can't be kept short, and the others are kept short all the same", async () => {
    const { begin, clock, folder, put, names, faults } = keeping()
    const stubborn = 'service_stdout-20250101T000000.000.log'
    fs.mkdirSync(join(folder, stubborn))
    put('service_stderr-20250101T000000.000.log')
    begin()
    await clock.turn(0)
    expect(names()).to.deep.equal([stubborn])
    expect(faults).to.have.length(1)
    expect(faults[0]).to.match(/^service_stdout\.log can't be kept short: ./)
    await clock.turn(HOUR_MS)
    expect(faults, 'it does not give up').to.have.length(2)
  })

  it('need not exist', async () => {
    const { begin, clock, folder, faults } = keeping()
    fs.rmSync(folder, { recursive: true })
    begin()
    await clock.turn(HOUR_MS)
    expect(faults).to.deep.equal([])
  })
})
