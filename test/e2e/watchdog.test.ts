import os from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { endToEnd, type Home, ROOT, type Running, until, unwrapped } from '../support/e2e.js'

const BIN = process.env.CATALYST_BIN ?? join(ROOT, 'bin', 'run.js')
const WATCHED = { WATCHDOG_ENABLED: '1', WATCHDOG_CHECK_INTERVAL: '0.1' }

describe('e2e: the watchdog', () => {
  const { moduleHome, run } = endToEnd()

  const watchdog = (home: Home, env: Record<string, string> = {}): Running =>
    run(process.execPath, [BIN, 'watchdog', 'run', '--home', home.folder], {
      folder: home.folder,
      cwd: os.tmpdir(),
      env,
    })

  const watched = (home: Home) =>
    home
      .read('data/logs/watchdog.log')
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line).msg as string]))

  for (const [how, env] of [
    ['in the terminal', {}],
    ['as a service', { CATALYST_SERVICE: 'Lab-watchdog' }],
  ] as const) {
    it(`logs each change of the bot's health, and ends when asked to, ${how}`, async () => {
      const home = moduleHome(undefined, WATCHED)
      const dog = watchdog(home, env)
      await until(() => watched(home).some((line) => line.startsWith('the bot is unreachable')))
      const bot = await home.healthy()
      await until(() => watched(home).includes('the bot is healthy'))
      bot.kill('SIGKILL')
      await until(() => watched(home).at(-1)?.startsWith('the bot is unreachable'))
      dog.kill('SIGTERM')
      expect((await dog.result()).code).to.equal(0)
      expect(watched(home).filter((line) => line === 'the bot is healthy')).to.have.length(1)
      expect(home.has('.catalyst/state/watchdog.lock')).to.equal(false)
    })
  }

  it('runs once a home, and says who runs', async () => {
    const home = moduleHome(undefined, WATCHED)
    const first = watchdog(home)
    await until(() => home.has('.catalyst/state/watchdog.lock'))
    const second = await watchdog(home).result()
    expect(second.code).to.equal(75)
    expect(unwrapped(second.stderr)).to.contain(`A watchdog already runs for ${home.folder}: pid ${first.pid}`)
  })

  for (const [what, settings, says] of [
    ['it is switched off', { ...WATCHED, WATCHDOG_ENABLED: '0' }, 'The watchdog is switched off'],
    ['the endpoint is', { ...WATCHED, HEALTH_CHECK_ENABLED: '0' }, 'The health endpoint is switched off'],
  ] as const) {
    it(`exits 78 where ${what}`, async () => {
      const { code, stderr } = await watchdog(moduleHome(undefined, settings)).result()
      expect(code).to.equal(78)
      expect(unwrapped(stderr)).to.contain(says)
    })
  }
})
