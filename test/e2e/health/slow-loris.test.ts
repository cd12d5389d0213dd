import fs from 'node:fs'
import os from 'node:os'
import { expect } from 'chai'
import { type Answer, ask } from '../../support/e2e/ask.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import type { Running } from '../../support/e2e/process.js'
import { BIN } from '../../support/e2e/root.js'
import { PATIENCE_MS, until } from '../../support/e2e/until.js'

const CONNECTIONS = 3000

/** Holds as many connections to a port as it is told, each with half a header; what is cut off is opened again. */
const STORM = `
const [port, count] = process.argv.slice(1).map(Number)
const left = new Set(Array(count).keys())
const open = (n) => {
  const socket = require('node:net').connect(port, '127.0.0.1', () => {
    socket.write('GET /health/ping HTTP/1.1\\r\\nHost: x\\r\\nX-Slow: ')
    if (left.delete(n) && left.size === count / 2) console.log('half opened')
  })
  socket.on('error', () => {}).on('close', () => setTimeout(open, 500, n))
}
for (let n = 0; n < count; n++) setTimeout(open, n / 3, n)`

/** Reports ten cycles a second, each on a connection of its own as curl does, and says where to. */
const REPORTER = `
import fs from 'node:fs'
import http from 'node:http'
const url = process.env.CATALYST_REPORT_URL
fs.writeFileSync('report-url', url)
const failed = (why) => fs.appendFileSync('failed-reports', why + '\\n')
const report = () =>
  http.request(url + '/cycle', { method: 'POST', agent: false, timeout: 20_000 }, (answer) => answer.resume())
    .on('timeout', () => failed('no answer'))
    .on('error', (error) => failed(error.message))
    .end('{"next_in_seconds": 1}')
setInterval(report, 100)`

/** Enough for a machine with much else to do. */
const THRESHOLD = '6'

describe('e2e: thousands of connections that send half a header', () => {
  const { programHome, run } = endToEnd()

  const start = (home: Home, args: string[]): Running =>
    run(process.execPath, args, { folder: home.folder, cwd: os.tmpdir() })

  async function storm(home: Home, port: number | undefined): Promise<Running> {
    const one = start(home, ['-e', STORM, String(port), String(CONNECTIONS)])
    await until(() => one.output.includes('half opened'))
    return one
  }

  /** Goes on for longer than the threshold. */
  async function during(look: () => Promise<void>): Promise<void> {
    const end = performance.now() + Number(THRESHOLD) * 1000 + 2000
    do await look()
    while (performance.now() < end)
  }

  /** Asks as a monitor does: of requests from the very address of the storm a single one may be displaced. */
  async function ping(url: string, tries = 5): Promise<Answer> {
    return ask(url, { timeoutMs: PATIENCE_MS }).catch((error) => {
      if (tries === 1) throw error
      return ping(url, tries - 1)
    })
  }

  it('at the endpoint: pings are answered, and the watchdog stays calm', async () => {
    const home = programHome(REPORTER, {
      WATCHDOG_ENABLED: '1',
      WATCHDOG_CHECK_INTERVAL: '0.2',
      WATCHDOG_FREEZE_THRESHOLD: THRESHOLD,
      BOT_PROOF: 'report',
    })
    start(home, [BIN, 'watchdog', 'run', '--home', home.folder])
    await until(() => home.botFile().endpoint)
    await home.status('healthy')
    const { pid, endpoint } = home.botFile()
    await storm(home, endpoint?.port)
    await during(async () => {
      const url = `http://${endpoint?.host}:${endpoint?.port}/health/ping`
      expect(await ping(url)).to.include({ status: 200, body: 'ok\n' })
    })
    expect(home.botFile().pid).to.equal(pid)
    expect(home.kinds().filter((kind) => kind.startsWith('incident') || kind === 'bot.exit')).to.deep.equal([])
    expect((await home.health()).total_cycles).to.be.greaterThan(10)
    if (process.platform === 'linux') expect(fs.readdirSync(`/proc/${pid}/fd`).length).to.be.lessThan(1000)
  })

  it('at the port for reports: they get through, and the bot stays healthy', async () => {
    const home = programHome(REPORTER, { WATCHDOG_FREEZE_THRESHOLD: THRESHOLD, BOT_PROOF: 'report' })
    await home.healthy()
    await storm(home, Number(new URL(await home.reportUrl()).port))
    const { total_cycles } = await home.health()
    await during(async () => {
      expect((await home.health()).status).to.equal('healthy')
    })
    const cycles = (await home.health()).total_cycles - total_cycles
    expect(cycles).to.be.greaterThan(10)
    expect(home.read('failed-reports').split('\n').length - 1, 'displaced').to.be.at.most(cycles / 10)
  })

  it('at the control port: our own clients are answered all the same', async () => {
    const home = programHome(REPORTER, { WATCHDOG_FREEZE_THRESHOLD: THRESHOLD, BOT_PROOF: 'report' })
    const bot = await home.healthy()
    const { control } = home.botFile()
    await storm(home, Number(new URL(String(control)).port))
    for (let n = 0; n < 3; n++) expect(await home.catalyst(['health', 'check'])).to.include({ code: 0 })
    expect((await ask(`${control}/stop`, { method: 'POST' })).status).to.equal(202)
    expect((await bot.result()).code).to.equal(0)
  })
})
