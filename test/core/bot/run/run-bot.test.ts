import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { runBot } from '#core/bot/run/run-bot.js'
import { readConfig } from '#core/config/load.js'
import { NO_FACTS } from '#core/health/page/facts.js'
import { writePointer } from '#core/home/active-release.js'
import { readDesiredStop, writeDesiredStop } from '#core/home/desired-state.js'
import { type HomePaths, homePaths } from '#core/home/home-paths.js'
import { realClock } from '#core/platform/clock.js'
import { failureOf } from '../../../support/failure.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

describe('a bot that starts', () => {
  const [folder, environment] = [process.cwd(), { ...process.env }]

  afterEach(() => {
    process.chdir(folder) // a bot in this process takes both over
    for (const name of Object.keys(process.env)) delete process.env[name]
    Object.assign(process.env, environment)
    removeTempFolders()
  })

  function start(paths: HomePaths, once: boolean, clock = realClock) {
    let ran = false
    const cycle = () => {
      ran = true
    }
    const running = runBot(clock, {
      paths,
      config: readConfig(paths.home, { HEALTH_CHECK_ENABLED: '0', BOT_MODULE: 'news' }),
      version: '',
      builtIn: async () => ({ name: 'bot', cycle }),
      pageFacts: async () => NO_FACTS,
      once,
      dryRun: false,
      console: () => {},
    })
    return { running, ran: () => ran }
  }

  it('does not start the version before while a deployment switches to another one', async () => {
    const paths = homePaths(tempFolder())
    for (const name of ['v1', 'v2']) mkdirSync(join(paths.releases, name), { recursive: true })
    writePointer(paths, { name: 'v1', commit: '1111' })
    mkdirSync(paths.state, { recursive: true })
    writeFileSync(paths.bot, '') // whoever was writing it may go on: for a second nobody takes the home
    const { running, ran } = start(paths, true)
    await pause(200)
    writePointer(paths, { name: 'v2', commit: '2222' }) // nobody to be ended: the deployment goes on to its proof
    expect(await failureOf(running)).to.include({ code: 'DEPLOY_BUSY', exit: 75 })
    expect([ran(), existsSync(paths.bot)]).to.deep.equal([false, false])
  })

  it('keeps a desired stop of meanwhile, and clears an earlier desired state', async () => {
    const paths = homePaths(tempFolder())
    mkdirSync(paths.state, { recursive: true })
    for (const at of [performance.timeOrigin - 1000, Date.now()]) {
      writeDesiredStop(paths, 'ann', at)
      const { running, ran } = start(paths, false)
      for (let look = 0; look < 200 && !ran(); look++) await pause(20)
      process.emit('SIGTERM')
      await running
      expect(readDesiredStop(paths)?.by).to.equal(at < performance.timeOrigin ? undefined : 'ann')
    }
  })

  it('clears an earlier desired stop, also where the clock is set while it starts', async () => {
    const paths = homePaths(tempFolder())
    mkdirSync(paths.state, { recursive: true })
    const hour = 3_600_000
    writeDesiredStop(paths, 'ann', Date.now() + hour) // as told by the clock that is right; at its boot the machine had none
    const { running, ran } = start(paths, false, { ...realClock, now: () => Date.now() + 3 * hour })
    for (let look = 0; look < 200 && !ran(); look++) await pause(20)
    process.emit('SIGTERM')
    await running
    expect(readDesiredStop(paths)).to.equal(undefined)
  })
})
