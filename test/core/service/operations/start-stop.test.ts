import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { readDesiredStop, writeDesiredStop } from '#core/home/desired-state.js'
import { readInstalled } from '#core/home/installed-services.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { asker } from '#core/platform/process/users.js'
import type { Role } from '#core/service/manager.js'
import { restartService, startService, stopService } from '#core/service/operations/start-stop.js'
import { uninstallActions, uninstallAll, uninstallService } from '#core/service/operations/uninstall.js'
import { aBotFile } from '../../../support/builders/bot-file.js'
import { failureOf } from '../../../support/failure.js'
import { reading, ServiceHome } from '../../../support/fake-manager.js'

async function installed(settings: Record<string, string> = {}, roles: ('bot' | 'watchdog')[] = ['bot']) {
  const home = new ServiceHome(settings)
  await home.install(roles)
  return home
}

const start = (home: ServiceHome, role: 'bot' | 'watchdog' = 'bot') =>
  home.turning(startService(home.services, role, home.onWait))
const stop = (home: ServiceHome, role: 'bot' | 'watchdog' = 'bot') =>
  home.turning(stopService(home.services, role, home.onWait))
const restart = (home: ServiceHome, role: 'bot' | 'watchdog' = 'bot') =>
  home.turning(restartService(home.services, role, home.onWait))
const uninstall = (home: ServiceHome, role: 'bot' | 'watchdog' = 'bot') =>
  home.turning(uninstallService(home.services, role, home.onWait))

const operations = { start, stop, restart }

/** Looks at a bot that can't be asked until it counts as started: it may yet end while it is loaded. */
const SETTLING = 50

describe('starting a service', () => {
  it('starts it and returns its pid, and a repeat does nothing', async () => {
    const home = await installed()
    const first = await start(home)
    expect(first).to.deep.equal({ name: 'CatalystBot', already: false, pid: 100, health: null })
    const files = home.manager.files()
    expect(await start(home)).to.deep.equal({ name: 'CatalystBot', already: true, pid: 100, health: null })
    expect(home.manager.files()).to.deep.equal(files)
    expect(home.kinds()).to.deep.equal(['service.install', 'service.start'])
  })

  it('is recorded with who asked, and when', async () => {
    const home = await installed()
    const time = new Date(home.clock.now()).toISOString()
    await start(home)
    expect(home.journal().at(-1)).to.deep.equal({
      time,
      kind: 'service.start',
      name: 'CatalystBot',
      role: 'bot',
      by: asker(),
    })
  })

  it('orders the start of a bot that is up, and waits for it', async () => {
    const home = await installed()
    await start(home)
    const bot = aBotFile({ ...thisProcess(), instance: 'b' })
    writeFileSync(home.paths.bot, JSON.stringify(bot))
    const wait = {
      time: new Date(home.clock.now()).toISOString(),
      kind: 'bot.wait',
      instance: 'b',
      until: '',
      reason: '',
    }
    appendFileSync(home.paths.journal, `${JSON.stringify(wait)}\n`)
    expect(await start(home)).to.include({ already: true })
    expect(home.kinds().slice(-2)).to.deep.equal(['bot.wait', 'service.start'])
    appendFileSync(home.paths.journal, `${JSON.stringify({ ...wait, kind: 'bot.start' })}\n`)
    await start(home)
    expect(home.kinds().at(-1), 'one that has started is left alone').to.equal('bot.start')
  })

  it('clears the desired stop of the bot, though it runs already', async () => {
    const home = await installed()
    await start(home)
    writeDesiredStop(home.paths, 'ann', 0)
    await start(home)
    expect(existsSync(home.paths.desiredState)).to.equal(false)
  })

  it('makes the log folder that somebody has removed', async () => {
    const home = await installed()
    rmSync(home.paths.data, { recursive: true })
    await start(home)
    expect(existsSync(home.paths.logs)).to.equal(true)
  })

  it('waits while it starts, and reports progress', async () => {
    const home = await installed()
    home.manager.script.push(reading('stopped'), reading('starting'), reading('restarting'), reading('starting'))
    expect(await start(home)).to.include({ already: false, pid: 100 })
    expect(home.waits).to.equal(3 + SETTLING)
  })

  it('fails with the last errors of the log if it does not stay up, after two seconds', async () => {
    const home = await installed()
    mkdirSync(home.paths.logs, { recursive: true })
    const line = (msg: string) => `${JSON.stringify({ level: 'error', time: home.clock.now(), msg })}\n`
    writeFileSync(join(home.paths.logs, 'errors.log'), line('first') + line('no key'))
    home.manager.stillborn.set('start', 1)
    const began = home.clock.monotonic()
    const error = await failureOf(start(home))
    expect(error).to.include({ code: 'SERVICE_NOT_RUNNING', exit: 1 })
    expect(error.message).to.match(/^The service CatalystBot does not run: stopped\.\n.*ERROR first\n.*ERROR no key$/)
    expect(home.clock.monotonic() - began).to.be.within(2000, 2400)
  })

  it("fails with its manager's error, unless that did start it", async () => {
    const home = await installed()
    const code = 'console.error("START: it is disabled"); process.exit(1)'
    home.manager.start = () => [{ do: 'run', argv: [process.execPath, '-e', code], unreliable: true }]
    const text = 'The service CatalystBot does not run: stopped.\nSTART: it is disabled'
    expect((await failureOf(start(home))).message).to.equal(text)
    home.manager.stillborn.set('restart', 1)
    expect((await failureOf(restart(home))).message, 'a restart that ends in a start, too').to.equal(text)
    home.manager.reads = { state: 'restarting', words: 'SERVICE_PAUSED' }
    expect((await failureOf(start(home))).message).to.not.contain('disabled')
  })

  it('fails after two seconds if its manager has given it up', async () => {
    const home = await installed()
    await start(home)
    home.manager.reads = { state: 'failed', words: 'failed (exit-code)' }
    const began = home.clock.monotonic()
    const error = await failureOf(start(home))
    expect(error.message).to.equal('The service CatalystBot does not run: failed (exit-code).')
    expect(home.clock.monotonic() - began).to.be.within(2000, 2400)
  })

  it("explains an exit code of its manager's own", async () => {
    const home = await installed()
    home.manager.reads = { state: 'restarting', words: 'activating (auto-restart)', ended: { at: null, exit: 203 } }
    expect((await failureOf(start(home))).message).to.equal(
      'The service CatalystBot does not run: activating (auto-restart), exit code 203: systemd could not start node: catalyst service install repairs its path.',
    )
  })

  it('fails after two seconds if it has exited already, and waits for a restart', async () => {
    const home = await installed()
    home.manager.reads = { state: 'restarting', words: 'activating (auto-restart)' }
    const began = home.clock.monotonic()
    expect((await failureOf(start(home))).message).to.contain('does not run: activating (auto-restart).')
    expect(home.clock.monotonic() - began).to.be.within(2000, 2400)
  })

  it('fails after half a minute if it runs, but its bot does not answer', async () => {
    const home = await installed({ FEATURE_HEALTH_ENDPOINT: '1' })
    const began = home.clock.monotonic()
    const error = await failureOf(start(home))
    expect(error).to.include({ code: 'SERVICE_NOT_RUNNING' })
    expect(error.message).to.equal('The service CatalystBot runs, but the bot does not answer.')
    expect(home.clock.monotonic() - began).to.be.within(30_000, 30_400)
  })

  it('does not accept a bot that still waits for its port', async () => {
    const home = await installed({ FEATURE_HEALTH_ENDPOINT: '1' })
    mkdirSync(dirname(home.paths.bot), { recursive: true })
    writeFileSync(home.paths.bot, JSON.stringify({ ...thisProcess(), instance: 'a' }))
    expect((await failureOf(start(home))).message).to.contain('the bot does not answer')
  })

  it("returns the bot's own pid if its manager does not know it", async () => {
    const home = await installed({}, ['bot', 'watchdog'])
    mkdirSync(dirname(home.paths.bot), { recursive: true })
    writeFileSync(home.paths.bot, JSON.stringify({ ...thisProcess(), instance: 'a' }))
    home.manager.reads = { pid: null }
    expect(await start(home)).to.include({ pid: process.pid })
    expect(await start(home, 'watchdog'), 'but not for the watchdog').to.include({ pid: null })
  })

  it("of the watchdog asks no bot, and leaves the bot's desired state", async () => {
    const home = await installed({ FEATURE_HEALTH_ENDPOINT: '1', WATCHDOG_ENABLED: '1' }, ['bot', 'watchdog'])
    writeDesiredStop(home.paths, 'ann', 0)
    expect(await start(home, 'watchdog')).to.include({ name: 'CatalystBot-watchdog', already: false })
    expect(readDesiredStop(home.paths)?.by).to.equal('ann')
    expect(home.manager.isRunning('CatalystBot')).to.equal(false)
  })

  it('is not recorded if it fails, and the desired state stays', async () => {
    const home = await installed()
    writeDesiredStop(home.paths, 'ann', 0)
    home.manager.broken.set('start', 'fails')
    const error = await failureOf(start(home))
    expect(error).to.include({ code: 'SERVICE_COMMAND_FAILED', exit: 1 })
    expect(error.message).to.match(/^This failed: run .*\nit said no$/)
    expect(home.kinds()).to.deep.equal(['service.install'])
    expect(readDesiredStop(home.paths)).to.not.equal(undefined)
  })
})

describe('a service that was started', () => {
  const line = (home: ServiceHome, kind: string, details: object) => {
    const entry = { time: new Date(home.clock.now()).toISOString(), kind, ...details }
    mkdirSync(dirname(home.paths.journal), { recursive: true })
    appendFileSync(home.paths.journal, `${JSON.stringify(entry)}\n`)
  }
  const logged = (home: ServiceHome, level: string, msg: string, agoMs = 0) => {
    mkdirSync(home.paths.logs, { recursive: true })
    const time = new Date(home.clock.now() - agoMs).toISOString()
    appendFileSync(join(home.paths.logs, 'errors.log'), `${JSON.stringify({ level, time, msg })}\n`)
  }
  const runs = (pid: number, looks: number) => Array.from({ length: looks }, () => reading('running', pid))

  it('has failed if it exits soon after its start, which is reported with the exit code and its latest lines', async () => {
    const home = await installed()
    logged(home, 'error', 'a cause of half an hour ago', 1_800_000)
    home.manager.script.push(reading('stopped'), ...runs(100, 3), reading('restarting'))
    line(home, 'bot.start', { pid: 100 })
    await home.clock.turn(300)
    line(home, 'bot.exit', { pid: 100, exit: 3 })
    await home.clock.turn(-300)
    logged(home, 'warn', 'ModuleNotFoundError: no requests')
    const error = await failureOf(start(home))
    expect(error).to.include({ code: 'SERVICE_NOT_RUNNING', exit: 1 })
    expect(error.message).to.match(
      /^The service CatalystBot does not stay up: the bot exited by itself with exit code 3, 0\.3 s after its start\.\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d WARN {2}ModuleNotFoundError: no requests$/,
    )
  })

  it('has failed if its manager has restarted it meanwhile, however fast', async () => {
    const home = await installed()
    home.manager.script.push(reading('stopped'), ...runs(100, 3), ...runs(101, 3))
    expect((await failureOf(start(home))).message).to.contain('does not stay up: it exited soon after its start')
  })

  it('has failed if the journal has an exit that no poll has seen', async () => {
    const home = await installed()
    const starting = start(home)
    line(home, 'bot.start', { pid: 100 })
    line(home, 'bot.crash', { pid: 100, exit: 1, error: 'no key.' })
    const message = 'The service CatalystBot does not stay up: the bot crashed 0 s after its start: no key.'
    expect((await failureOf(starting)).message).to.equal(message)
  })

  it('is not blamed for the exit of the bot that ran before', async () => {
    const home = await installed()
    await start(home)
    const restarting = restart(home)
    line(home, 'bot.crash', { pid: 100, exit: 1 })
    line(home, 'bot.lost', { pid: 99 })
    expect(await restarting).to.include({ pid: 101 })
  })

  it('has not failed if somebody restarts it again meanwhile', async () => {
    const home = await installed()
    const starting = start(home)
    home.manager.script.push(reading('stopped'), ...runs(100, 3), reading('stopping', 100), ...runs(101, 70))
    line(home, 'bot.stop', { pid: 100, asked_by: 'SIGTERM' })
    expect(await starting).to.include({ pid: 101 })
  })

  it('has failed as a watchdog, too, if it exits soon after its start', async () => {
    const home = await installed({ WATCHDOG_ENABLED: '1' }, ['bot', 'watchdog'])
    home.manager.script.push(reading('stopped'), ...runs(100, 3), reading('restarting'))
    expect((await failureOf(start(home, 'watchdog'))).message).to.contain('CatalystBot-watchdog does not stay up')
  })

  it('is started at once if it is in the pause before its next start', async () => {
    const home = await installed()
    home.manager.script.push(reading('restarting'))
    await start(home)
    expect(home.manager.waits).to.deep.equal([true])
  })

  describe('and whose bot answers', () => {
    let server: Server | undefined
    afterEach(() => server?.close())

    /** A bot of this very process, which answers by its endpoint what it is to. */
    async function answering(health: object): Promise<ServiceHome> {
      const home = await installed({ FEATURE_HEALTH_ENDPOINT: '1' })
      server = createServer((_, response) => {
        response.setHeader('Catalyst-Instance', 'a').end(JSON.stringify({ reasons: ['so it says'], ...health }))
      })
      await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      mkdirSync(dirname(home.paths.bot), { recursive: true })
      const endpoint = { host: '127.0.0.1', port }
      writeFileSync(home.paths.bot, JSON.stringify({ ...thisProcess(), instance: 'a', endpoint }))
      return home
    }

    it('is up once it has worked for two seconds', async () => {
      const home = await answering({ status: 'healthy', total_cycles: 1 })
      const began = home.clock.monotonic()
      expect(await start(home)).to.deep.include({ health: { status: 'healthy', reasons: ['so it says'] } })
      expect(home.clock.monotonic() - began).to.be.within(2000, 2400)
    })

    it('is up once its process alone has lived for five seconds, and no sooner', async () => {
      const home = await answering({ status: 'healthy', total_cycles: 0, proof: 'process' })
      const began = home.clock.monotonic()
      await start(home)
      expect(home.clock.monotonic() - began).to.be.within(5000, 5400)
    })

    it('is reported as starting if it takes longer than that', async () => {
      const home = await answering({ status: 'starting', total_cycles: 0 })
      expect(await start(home)).to.deep.include({ health: { status: 'starting', reasons: ['so it says'] } })
    })

    it('has failed if it exits after it was healthy', async () => {
      const home = await answering({ status: 'healthy', total_cycles: 1 })
      home.manager.script.push(reading('stopped'), ...runs(100, 5), reading('failed'))
      expect((await failureOf(start(home))).message).to.contain('does not stay up')
    })

    it('is not up while it is stopping', async () => {
      const home = await answering({ status: 'stopping', total_cycles: 1 })
      expect((await failureOf(start(home))).message).to.contain('runs, but the bot does not answer')
    })

    it('has failed if it is unhealthy', async () => {
      const home = await answering({ status: 'unhealthy', total_cycles: 0 })
      const message = 'The service CatalystBot runs, but its bot is unhealthy: so it says.'
      expect((await failureOf(start(home))).message).to.equal(message)
    })

    it('needs no time if it has been up for long', async () => {
      const home = await answering({ status: 'unhealthy', total_cycles: 9, uptime_seconds: 60 })
      home.manager.reads = { state: 'running' }
      const began = home.clock.monotonic()
      expect(await start(home)).to.deep.include({
        already: true,
        health: { status: 'unhealthy', reasons: ['so it says'] },
      })
      expect(home.clock.monotonic() - began).to.be.below(300)
    })
  })
})

describe('stopping a service', () => {
  it('stops it, and a repeat does nothing', async () => {
    const home = await installed()
    await start(home)
    expect(await stop(home)).to.deep.equal({ name: 'CatalystBot', already: false, pid: null, killed: false })
    expect(home.manager.isRunning('CatalystBot')).to.equal(false)
    home.manager.broken.set('stop', 'fails') // it would show
    expect(await stop(home)).to.deep.equal({ name: 'CatalystBot', already: true, pid: null })
    expect(home.kinds()).to.deep.equal(['service.install', 'service.start', 'service.stop'])
    expect(home.journal().at(-1)).to.include({ role: 'bot', by: asker() })
  })

  it('is recorded, with who asked first and when, even if nothing ran', async () => {
    const home = await installed()
    const at = new Date(home.clock.now()).toISOString()
    await stop(home)
    expect(readDesiredStop(home.paths)).to.deep.equal({ desired: 'stopped', by: asker(), at })
    await home.clock.turn(5000)
    await stop(home)
    expect(readDesiredStop(home.paths)?.at).to.equal(at)
  })

  it('is recorded before anything is done, so that no watchdog brings it back', async () => {
    const home = await installed()
    await start(home)
    const seen: boolean[] = []
    const make = home.manager.stop.bind(home.manager)
    home.manager.stop = (name) => {
      seen.push(readDesiredStop(home.paths) !== undefined)
      return make(name)
    }
    await stop(home)
    expect(seen).to.deep.equal([true])
  })

  it('is not recorded if it is not permitted, and says what is', async () => {
    const home = await installed()
    await start(home)
    home.manager.broken.set('stop', 'not allowed')
    const error = await failureOf(stop(home))
    expect(error).to.include({ code: 'NOT_ALLOWED', exit: 77 })
    expect(error.suggestions).to.deep.equal(['Run: sudo stop'])
    expect(readDesiredStop(home.paths)).to.equal(undefined)
    expect(home.kinds()).to.not.include('service.stop')
  })

  it('leaves an older desired stop as it was if it is not permitted', async () => {
    const home = await installed()
    await start(home)
    writeDesiredStop(home.paths, 'ann', 0)
    home.manager.broken.set('stop', 'not allowed')
    await failureOf(stop(home))
    expect(readDesiredStop(home.paths)?.by).to.equal('ann')
  })

  it("of the watchdog leaves the bot's desired state", async () => {
    const home = await installed({}, ['bot', 'watchdog'])
    await start(home)
    await start(home, 'watchdog')
    await stop(home, 'watchdog')
    expect(readDesiredStop(home.paths)).to.equal(undefined)
    expect(home.manager.isRunning('CatalystBot')).to.equal(true)
    expect(home.manager.isRunning('CatalystBot-watchdog')).to.equal(false)
  })

  it('does nothing more to one that has failed or waits for nobody', async () => {
    const home = await installed()
    home.manager.reads = { state: 'failed' }
    expect(await stop(home)).to.include({ already: true })
  })

  it('reports that its manager had to kill it', async () => {
    const home = await installed()
    await start(home)
    home.manager.script.push(reading('running', 100), reading('stopping'), reading('failed'))
    expect(await stop(home)).to.include({ killed: true })
  })

  it('does not wait for one that somebody else has started again', async () => {
    const home = await installed()
    await start(home)
    home.manager.script.push(reading('running', 100), reading('stopping', 100), reading('running', 101))
    expect((await failureOf(stop(home))).message).to.contain('was started again meanwhile')
  })

  it('stops it though nothing can be written into the home', async () => {
    const home = await installed()
    await start(home)
    rmSync(home.paths.journal, { force: true })
    mkdirSync(home.paths.journal)
    mkdirSync(home.paths.desiredState)
    expect(await stop(home)).to.include({ already: false })
    expect(home.manager.isRunning('CatalystBot')).to.equal(false)
  })

  it('stops one whose entry somebody has removed by hand', async () => {
    const home = await installed()
    await start(home)
    rmSync(join(home.manager.folder, 'CatalystBot.unit'))
    home.manager.script.push(reading('running', 100), reading('running', 100))
    expect(await stop(home)).to.include({ already: false })
    expect(home.manager.isRunning('CatalystBot')).to.equal(false)
  })

  it('stops one that its manager is about to restart', async () => {
    const home = await installed()
    await start(home)
    home.waits = 0
    home.manager.script.push(reading('restarting'), reading('stopping'))
    expect(await stop(home)).to.include({ already: false })
    expect(home.waits, 'it waits for the end').to.equal(1)
    expect(home.manager.isRunning('CatalystBot')).to.equal(false)
  })

  it('is done with one that fails while it stops', async () => {
    const home = await installed()
    await start(home)
    home.manager.deaf = true
    home.manager.script.push(reading('running'), reading('stopping'), reading('failed'))
    expect(await stop(home)).to.include({ already: false })
  })

  it('waits as long as the bot may take, and a while; then it has failed, and the desired stop stays', async () => {
    const home = await installed({ BOT_STOP_TIMEOUT: '7' })
    await start(home)
    home.manager.deaf = true
    const began = home.clock.monotonic()
    const error = await failureOf(stop(home))
    expect(error).to.include({ code: 'SERVICE_COMMAND_FAILED', exit: 1 })
    expect(error.message).to.equal('The service CatalystBot has not stopped: running.')
    expect(home.clock.monotonic() - began).to.be.within(27_000, 27_400)
    expect(readDesiredStop(home.paths)).to.not.equal(undefined)
    expect(home.kinds(), 'who asked is known all the same').to.include('service.stop')
  })
})

describe('restarting a service', () => {
  it('makes another process of it', async () => {
    const home = await installed()
    await start(home)
    writeDesiredStop(home.paths, 'ann', 0)
    expect(await restart(home)).to.deep.equal({ name: 'CatalystBot', already: false, pid: 101, health: null })
    expect(home.kinds()).to.deep.equal(['service.install', 'service.start', 'service.restart'])
    expect(home.journal().at(-1)).to.include({ role: 'bot', by: asker() })
    expect(readDesiredStop(home.paths)).to.equal(undefined)
  })

  it('starts one that is stopped, and makes its log folder', async () => {
    const home = await installed()
    rmSync(home.paths.data, { recursive: true })
    expect(await restart(home)).to.include({ pid: 100 })
    expect(existsSync(home.paths.logs)).to.equal(true)
  })

  it('does not take the old process for the new one', async () => {
    const home = await installed()
    await start(home)
    home.waits = 0
    home.manager.script.push(reading('running', 100), reading('running', 100), reading('stopping', 100))
    expect(await restart(home)).to.include({ pid: 101 })
    expect(home.waits).to.equal(2 + SETTLING)
  })

  it('waits as long as the old one takes to stop', async () => {
    const home = await installed()
    await start(home)
    home.waits = 0
    const stopping = Array.from({ length: 900 }, () => reading('stopping', 100))
    home.manager.script.push(reading('running', 100), ...stopping)
    expect(await restart(home)).to.include({ pid: 101 })
    expect(home.waits).to.equal(900 + SETTLING)
  })

  it('starts it again if it is found stopped', async () => {
    const home = await installed()
    await start(home)
    home.manager.stillborn.set('restart', 1)
    expect(await restart(home)).to.include({ pid: 101 })
    expect(home.kinds().filter((kind) => kind === 'service.restart')).to.have.length(1)
  })

  it('starts it again once, and not more often', async () => {
    const home = await installed()
    await start(home)
    home.manager.stillborn.set('restart', 1).set('start', 1)
    expect(await failureOf(restart(home))).to.include({ code: 'SERVICE_NOT_RUNNING' })
    expect(home.manager.stillborn.get('start')).to.equal(0)
  })

  it('changes no desired state and is not recorded if it is not permitted', async () => {
    const home = await installed()
    writeDesiredStop(home.paths, 'ann', 0)
    home.manager.broken.set('restart', 'not allowed')
    expect(await failureOf(restart(home))).to.include({ code: 'NOT_ALLOWED', exit: 77 })
    expect(readDesiredStop(home.paths)?.by).to.equal('ann')
    expect(home.kinds()).to.not.include('service.restart')
  })
})

describe('a missing service', () => {
  for (const [verb, operate] of Object.entries(operations)) {
    it(`is named by ${verb}, with the way to it`, async () => {
      const home = new ServiceHome({ BOT_NAME: 'News' })
      const error = await failureOf(operate(home))
      expect(error).to.include({ code: 'SERVICE_MISSING', exit: 1 })
      expect(error.message).to.equal(`No service News is installed for ${home.home}.`)
      expect(error.suggestions).to.deep.equal(['Install it: catalyst service install'])
      expect((await failureOf(operate(home, 'watchdog'))).suggestions).to.deep.equal([
        'Install it: catalyst service install watchdog',
      ])
      expect(existsSync(home.paths.desiredState)).to.equal(false)
      expect(home.kinds()).to.deep.equal([])
    })
  }
})

describe("somebody else's service of the same name", () => {
  const owners: [string, (home: string) => string, RegExp][] = [
    ['not made by catalyst', () => 'Run=/bin/other\n', /was not installed by catalyst/],
    ["another home's", (other) => `Home=${other}\n`, /belongs to the home /],
  ]
  for (const [whose, text, words] of owners) {
    for (const [verb, operate] of Object.entries({ ...operations, uninstall })) {
      it(`is never touched by ${verb}: ${whose}`, async () => {
        const home = new ServiceHome()
        const other = new ServiceHome()
        home.manager.put('CatalystBot', text(other.home))
        const files = home.manager.files()
        const error = await failureOf(operate(home))
        expect(error).to.include({ code: 'SERVICE_NAME_TAKEN', exit: 1 })
        expect(error.message).to.match(words).and.contain(join(home.manager.folder, 'CatalystBot.unit'))
        expect(error.suggestions.join()).to.contain('--name CatalystBot-2')
        expect(home.manager.files()).to.deep.equal(files)
        expect(home.kinds()).to.deep.equal([])
        expect(existsSync(home.paths.desiredState), 'and no desired state is written').to.equal(false)
      })
    }
  }
})

describe('uninstalling a service', () => {
  it('stops it, removes it and forgets it; the home stays, and a repeat does nothing', async () => {
    const home = await installed()
    await start(home)
    expect(await uninstall(home)).to.deep.equal({ name: 'CatalystBot', already: false, pid: null })
    expect(home.manager.files()).to.deep.equal({})
    expect(readInstalled(home.paths)).to.deep.equal({})
    expect(home.journal().at(-1)).to.include({
      kind: 'service.uninstall',
      name: 'CatalystBot',
      role: 'bot',
      by: asker(),
    })
    expect(existsSync(join(home.home, '.env')) && existsSync(home.paths.logs)).to.equal(true)
    const kinds = home.kinds()
    expect(await uninstall(home)).to.deep.equal({ name: 'CatalystBot', already: true, pid: null })
    expect(home.kinds()).to.deep.equal(kinds)
  })

  it('waits until it has stopped before it is removed', async () => {
    const home = await installed()
    await start(home)
    home.waits = 0
    home.manager.script.push(reading('stopping'), reading('stopping'))
    await uninstall(home)
    expect(home.waits).to.equal(2)
  })

  it('does not remove a service that does not stop', async () => {
    const home = await installed()
    await start(home)
    home.manager.deaf = true
    expect(await failureOf(uninstall(home))).to.include({ code: 'SERVICE_COMMAND_FAILED' })
    expect(Object.keys(home.manager.files())).to.deep.equal(['CatalystBot.running', 'CatalystBot.unit'])
    expect(readInstalled(home.paths).bot?.name).to.equal('CatalystBot')
  })

  it('forgets one that somebody has removed by hand', async () => {
    const home = await installed()
    rmSync(join(home.manager.folder, 'CatalystBot.unit'))
    expect(await uninstall(home)).to.include({ already: true })
    expect(readInstalled(home.paths)).to.deep.equal({})
    expect(home.kinds()).to.deep.equal(['service.install'])
  })

  it("of the watchdog leaves the bot's, and the other way round", async () => {
    const home = await installed({}, ['bot', 'watchdog'])
    await uninstall(home, 'watchdog')
    expect(Object.keys(home.manager.files())).to.deep.equal(['CatalystBot.unit'])
    expect(Object.keys(readInstalled(home.paths))).to.deep.equal(['bot'])
    await home.install(['watchdog'])
    await uninstall(home)
    expect(Object.keys(home.manager.files())).to.deep.equal(['CatalystBot-watchdog.unit'])
    expect(Object.keys(readInstalled(home.paths))).to.deep.equal(['watchdog'])
  })

  it('clears the desired stop', async () => {
    const home = await installed()
    await start(home)
    await stop(home)
    expect(existsSync(home.paths.desiredState)).to.equal(true)
    await uninstall(home)
    expect(existsSync(home.paths.desiredState)).to.equal(false)
  })

  it('says that a remaining watchdog supervises the bot itself, and what else stays', async () => {
    const home = await installed({}, ['bot', 'watchdog'])
    const removing = async (role: Role) =>
      (await home.turning(uninstallAll(home.services, [role], home.onWait))).notes.join()
    expect(await removing('bot'))
      .to.contain('CatalystBot-watchdog stays')
      .and.to.contain('uninstall watchdog')
    home.manager.remains = () => 'lingering stays'
    expect(await removing('watchdog')).to.equal('lingering stays')
  })

  it('can be previewed', async () => {
    const home = await installed()
    await start(home)
    const before = home.manager.files()
    const actions = await uninstallActions(home.services, ['bot'])
    expect(actions.map((action) => action.do)).to.deep.equal(['remove', 'remove'])
    expect(home.manager.files()).to.deep.equal(before)
    expect(await uninstallActions(new ServiceHome().services, ['bot'])).to.deep.equal([])
  })

  it('changes no record if it is not permitted', async () => {
    const home = await installed()
    home.manager.broken.set('uninstall', 'not allowed')
    expect(await failureOf(uninstall(home))).to.include({ code: 'NOT_ALLOWED' })
    expect(readInstalled(home.paths).bot?.name).to.equal('CatalystBot')
    expect(home.kinds()).to.not.include('service.uninstall')
  })
})

describe('a service that was installed under another name', () => {
  it('is operated under it, though BOT_NAME is another by now', async () => {
    const home = new ServiceHome()
    await home.install(['bot', 'watchdog'], { name: 'Mine' })
    home.settings({ BOT_NAME: 'Renamed', FEATURE_HEALTH_ENDPOINT: '0' })
    expect(await start(home)).to.include({ name: 'Mine' })
    expect(await start(home, 'watchdog')).to.include({ name: 'Mine-watchdog' })
    expect(await stop(home)).to.include({ name: 'Mine' })
    expect(await uninstall(home)).to.include({ name: 'Mine' })
  })

  it('is operated under it, for the watchdog alone, too', async () => {
    const home = new ServiceHome()
    await home.install(['watchdog'], { name: 'Mine' })
    home.settings({ BOT_NAME: 'Renamed' })
    expect(await start(home, 'watchdog')).to.include({ name: 'Mine-watchdog', already: false })
  })

  it('passes its name on to the other one', async () => {
    const home = new ServiceHome()
    await home.install(['watchdog'], { name: 'Mine' })
    expect((await home.install(['bot']))[0]).to.include({ name: 'Mine' })
    expect(await failureOf(home.install(['bot'], { name: 'Other' }))).to.include({ code: 'USAGE' })
  })
})

describe('a bot with a name that no service manager accepts', () => {
  it('uses the nearest valid name as a service, in every operation', async () => {
    const home = new ServiceHome({ BOT_NAME: 'My Bot' })
    expect(await failureOf(start(home))).to.include({ code: 'SERVICE_MISSING' })
    expect(await uninstall(home)).to.include({ name: 'My-Bot', already: true })
    expect((await home.install())[0]).to.include({ name: 'My-Bot' })
    expect(await start(home)).to.include({ name: 'My-Bot' })
  })
})

describe('secrets', () => {
  it('of the settings are never written into the journal', async () => {
    const home = new ServiceHome({ HEALTH_TOKEN: 'SecretName123' })
    await home.install(['bot'], { name: 'SecretName123' })
    expect(readFileSync(home.paths.journal, 'utf8')).to.not.contain('SecretName123')
  })
})
