import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import type { Role } from '#core/service/manager.js'
import { restartService, startService, stopService } from '#core/service/operate.js'
import { uninstallActions, uninstallAll, uninstallService } from '#core/service/uninstall.js'
import { readInstalled } from '#core/state/installed.js'
import { readStopWish, wishStop } from '#core/state/wanted.js'
import { thisProcess } from '#core/system/processes.js'
import { asker } from '#core/system/users.js'
import { failureOf } from '../../support/failure.js'
import { reading, ServiceHome } from '../../support/fake-manager.js'

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
const SETTLING = 20

describe('starting a service', () => {
  it('starts it and tells as what, and a repeat does nothing', async () => {
    const home = await installed()
    const first = await start(home)
    expect(first).to.deep.equal({ name: 'CatalystBot', already: false, pid: 100 })
    const files = home.manager.files()
    expect(await start(home)).to.deep.equal({ name: 'CatalystBot', already: true, pid: 100 })
    expect(home.manager.files()).to.deep.equal(files)
    expect(home.kinds()).to.deep.equal(['service.install', 'service.start'])
  })

  it('is written down with who asked, and when', async () => {
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

  it('forgets that the bot was stopped on purpose, though it runs already', async () => {
    const home = await installed()
    await start(home)
    wishStop(home.paths, 'ann', 0)
    await start(home)
    expect(existsSync(home.paths.wanted)).to.equal(false)
  })

  it('makes the log folder that somebody has removed', async () => {
    const home = await installed()
    rmSync(home.paths.data, { recursive: true })
    await start(home)
    expect(existsSync(home.paths.logs)).to.equal(true)
  })

  it('waits while it starts, and lets know of it', async () => {
    const home = await installed()
    home.manager.script.push(reading('stopped'), reading('starting'), reading('restarting'), reading('starting'))
    expect(await start(home)).to.include({ already: false, pid: 100 })
    expect(home.waits).to.equal(3 + SETTLING)
  })

  it('fails with the last errors of the log where it does not stay up, two seconds on', async () => {
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

  it('fails with what its manager said of the start, unless it did start it', async () => {
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

  it('fails two seconds on where its manager has given it up', async () => {
    const home = await installed()
    await start(home)
    home.manager.reads = { state: 'failed', words: 'failed (exit-code)' }
    const began = home.clock.monotonic()
    const error = await failureOf(start(home))
    expect(error.message).to.equal('The service CatalystBot does not run: failed (exit-code).')
    expect(home.clock.monotonic() - began).to.be.within(2000, 2400)
  })

  it('fails two seconds on where it has ended already, and is to be started again', async () => {
    const home = await installed()
    home.manager.reads = { state: 'restarting', words: 'activating (auto-restart)' }
    const began = home.clock.monotonic()
    expect((await failureOf(start(home))).message).to.contain('does not run: activating (auto-restart).')
    expect(home.clock.monotonic() - began).to.be.within(2000, 2400)
  })

  it('fails after half a minute where it runs, but its bot does not answer', async () => {
    const home = await installed({ FEATURE_HEALTH_ENDPOINT: '1' })
    const began = home.clock.monotonic()
    const error = await failureOf(start(home))
    expect(error).to.include({ code: 'SERVICE_NOT_RUNNING' })
    expect(error.message).to.equal('The service CatalystBot runs, but the bot does not answer.')
    expect(home.clock.monotonic() - began).to.be.within(30_000, 30_400)
  })

  it('is content with a bot that is only starting', async () => {
    const home = await installed({ FEATURE_HEALTH_ENDPOINT: '1' })
    mkdirSync(dirname(home.paths.bot), { recursive: true })
    writeFileSync(home.paths.bot, JSON.stringify({ ...thisProcess(), instance: 'a' }))
    expect(await start(home)).to.include({ already: false, pid: 100 })
  })

  it("tells the bot's own pid where its manager does not know it", async () => {
    const home = await installed({}, ['bot', 'watchdog'])
    mkdirSync(dirname(home.paths.bot), { recursive: true })
    writeFileSync(home.paths.bot, JSON.stringify({ ...thisProcess(), instance: 'a' }))
    home.manager.reads = { pid: null }
    expect(await start(home)).to.include({ pid: process.pid })
    expect(await start(home, 'watchdog'), 'but not for the watchdog').to.include({ pid: null })
  })

  it("of the watchdog asks no bot, and leaves the bot's wish", async () => {
    const home = await installed({ FEATURE_HEALTH_ENDPOINT: '1', WATCHDOG_ENABLED: '1' }, ['bot', 'watchdog'])
    wishStop(home.paths, 'ann', 0)
    expect(await start(home, 'watchdog')).to.include({ name: 'CatalystBot-watchdog', already: false })
    expect(readStopWish(home.paths)?.by).to.equal('ann')
    expect(home.manager.isRunning('CatalystBot')).to.equal(false)
  })

  it('that fails is not written down, and the wish stays', async () => {
    const home = await installed()
    wishStop(home.paths, 'ann', 0)
    home.manager.broken.set('start', 'fails')
    const error = await failureOf(start(home))
    expect(error).to.include({ code: 'SERVICE_COMMAND_FAILED', exit: 1 })
    expect(error.message).to.match(/^This failed: run .*\nit said no$/)
    expect(home.kinds()).to.deep.equal(['service.install'])
    expect(readStopWish(home.paths)).to.not.equal(undefined)
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

  it('is remembered, with who asked first and when, even where nothing ran', async () => {
    const home = await installed()
    const at = new Date(home.clock.now()).toISOString()
    await stop(home)
    expect(readStopWish(home.paths)).to.deep.equal({ wanted: 'stopped', by: asker(), at })
    await home.clock.turn(5000)
    await stop(home)
    expect(readStopWish(home.paths)?.at).to.equal(at)
  })

  it('is remembered before the first thing is done, so that no watchdog brings it back', async () => {
    const home = await installed()
    await start(home)
    const seen: boolean[] = []
    const make = home.manager.stop.bind(home.manager)
    home.manager.stop = (name) => {
      seen.push(readStopWish(home.paths) !== undefined)
      return make(name)
    }
    await stop(home)
    expect(seen).to.deep.equal([true])
  })

  it('that is not allowed is not remembered, and tells what is', async () => {
    const home = await installed()
    await start(home)
    home.manager.broken.set('stop', 'not allowed')
    const error = await failureOf(stop(home))
    expect(error).to.include({ code: 'NOT_ALLOWED', exit: 77 })
    expect(error.suggestions).to.deep.equal(['Run: sudo stop'])
    expect(readStopWish(home.paths)).to.equal(undefined)
    expect(home.kinds()).to.not.include('service.stop')
  })

  it('that is not allowed leaves an older wish as it was', async () => {
    const home = await installed()
    await start(home)
    wishStop(home.paths, 'ann', 0)
    home.manager.broken.set('stop', 'not allowed')
    await failureOf(stop(home))
    expect(readStopWish(home.paths)?.by).to.equal('ann')
  })

  it('of the watchdog leaves the bot wanted', async () => {
    const home = await installed({}, ['bot', 'watchdog'])
    await start(home)
    await start(home, 'watchdog')
    await stop(home, 'watchdog')
    expect(readStopWish(home.paths)).to.equal(undefined)
    expect(home.manager.isRunning('CatalystBot')).to.equal(true)
    expect(home.manager.isRunning('CatalystBot-watchdog')).to.equal(false)
  })

  it('does nothing more to one that has failed or waits for nobody', async () => {
    const home = await installed()
    home.manager.reads = { state: 'failed' }
    expect(await stop(home)).to.include({ already: true })
  })

  it('tells where its manager had to kill it', async () => {
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
    mkdirSync(home.paths.wanted)
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

  it('stops one that its manager is about to start again', async () => {
    const home = await installed()
    await start(home)
    home.waits = 0
    home.manager.script.push(reading('restarting'), reading('stopping'))
    expect(await stop(home)).to.include({ already: false })
    expect(home.waits, 'it waits for the end').to.equal(1)
    expect(home.manager.isRunning('CatalystBot')).to.equal(false)
  })

  it('is done with one that fails at its end', async () => {
    const home = await installed()
    await start(home)
    home.manager.deaf = true
    home.manager.script.push(reading('running'), reading('stopping'), reading('failed'))
    expect(await stop(home)).to.include({ already: false })
  })

  it('waits as long as the bot may take, and a while; then it has failed, and the wish stays', async () => {
    const home = await installed({ BOT_STOP_TIMEOUT: '7' })
    await start(home)
    home.manager.deaf = true
    const began = home.clock.monotonic()
    const error = await failureOf(stop(home))
    expect(error).to.include({ code: 'SERVICE_COMMAND_FAILED', exit: 1 })
    expect(error.message).to.equal('The service CatalystBot has not stopped: running.')
    expect(home.clock.monotonic() - began).to.be.within(27_000, 27_400)
    expect(readStopWish(home.paths)).to.not.equal(undefined)
    expect(home.kinds(), 'who asked is known all the same').to.include('service.stop')
  })
})

describe('restarting a service', () => {
  it('makes another process of it', async () => {
    const home = await installed()
    await start(home)
    wishStop(home.paths, 'ann', 0)
    expect(await restart(home)).to.deep.equal({ name: 'CatalystBot', already: false, pid: 101 })
    expect(home.kinds()).to.deep.equal(['service.install', 'service.start', 'service.restart'])
    expect(home.journal().at(-1)).to.include({ role: 'bot', by: asker() })
    expect(readStopWish(home.paths)).to.equal(undefined)
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

  it('waits as long as the old one takes to end', async () => {
    const home = await installed()
    await start(home)
    home.waits = 0
    const stopping = Array.from({ length: 900 }, () => reading('stopping', 100))
    home.manager.script.push(reading('running', 100), ...stopping)
    expect(await restart(home)).to.include({ pid: 101 })
    expect(home.waits).to.equal(900 + SETTLING)
  })

  it('starts it once more where it ends stopped', async () => {
    const home = await installed()
    await start(home)
    home.manager.stillborn.set('restart', 1)
    expect(await restart(home)).to.include({ pid: 101 })
    expect(home.kinds().filter((kind) => kind === 'service.restart')).to.have.length(1)
  })

  it('starts it once more, and not again and again', async () => {
    const home = await installed()
    await start(home)
    home.manager.stillborn.set('restart', 1).set('start', 1)
    expect(await failureOf(restart(home))).to.include({ code: 'SERVICE_NOT_RUNNING' })
    expect(home.manager.stillborn.get('start')).to.equal(0)
  })

  it('that is not allowed changes no wish and is not written down', async () => {
    const home = await installed()
    wishStop(home.paths, 'ann', 0)
    home.manager.broken.set('restart', 'not allowed')
    expect(await failureOf(restart(home))).to.include({ code: 'NOT_ALLOWED', exit: 77 })
    expect(readStopWish(home.paths)?.by).to.equal('ann')
    expect(home.kinds()).to.not.include('service.restart')
  })
})

describe('a service that is not there', () => {
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
      expect(existsSync(home.paths.wanted)).to.equal(false)
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
        expect(existsSync(home.paths.wanted), 'and no wish is written').to.equal(false)
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

  it('waits for its end before it is removed', async () => {
    const home = await installed()
    await start(home)
    home.waits = 0
    home.manager.script.push(reading('stopping'), reading('stopping'))
    await uninstall(home)
    expect(home.waits).to.equal(2)
  })

  it('does not remove what does not end', async () => {
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

  it('forgets that it was stopped on purpose', async () => {
    const home = await installed()
    await start(home)
    await stop(home)
    expect(existsSync(home.paths.wanted)).to.equal(true)
    await uninstall(home)
    expect(existsSync(home.paths.wanted)).to.equal(false)
  })

  it('says that a watchdog which stays keeps the bot itself, and what else stays', async () => {
    const home = await installed({}, ['bot', 'watchdog'])
    const removing = async (role: Role) =>
      (await home.turning(uninstallAll(home.services, [role], home.onWait))).notes.join()
    expect(await removing('bot'))
      .to.contain('CatalystBot-watchdog stays')
      .and.to.contain('uninstall watchdog')
    home.manager.remains = () => 'lingering stays'
    expect(await removing('watchdog')).to.equal('lingering stays')
  })

  it('can be looked at beforehand', async () => {
    const home = await installed()
    await start(home)
    const before = home.manager.files()
    const actions = await uninstallActions(home.services, ['bot'])
    expect(actions.map((action) => action.do)).to.deep.equal(['remove', 'remove'])
    expect(home.manager.files()).to.deep.equal(before)
    expect(await uninstallActions(new ServiceHome().services, ['bot'])).to.deep.equal([])
  })

  it('that is not allowed forgets nothing', async () => {
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

  it('is operated under it, the watchdog alone, too', async () => {
    const home = new ServiceHome()
    await home.install(['watchdog'], { name: 'Mine' })
    home.settings({ BOT_NAME: 'Renamed' })
    expect(await start(home, 'watchdog')).to.include({ name: 'Mine-watchdog', already: false })
  })

  it('gives its name to the other one', async () => {
    const home = new ServiceHome()
    await home.install(['watchdog'], { name: 'Mine' })
    expect((await home.install(['bot']))[0]).to.include({ name: 'Mine' })
    expect(await failureOf(home.install(['bot'], { name: 'Other' }))).to.include({ code: 'USAGE' })
  })
})

describe('a bot with a name that no service manager takes', () => {
  it('has the nearest one as a service, whatever is asked of it', async () => {
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
