import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import type { Logger } from 'pino'
import { EXIT } from '#core/errors.js'
import { homePaths } from '#core/home/home-paths.js'
import { clearPause, makePause, writePause } from '#core/home/pause.js'
import { realClock } from '#core/platform/clock.js'
import { identify } from '#core/platform/process/process-id.js'
import { type BotExit, ChildBot, type ChildOptions, longestPauseMs, nextPause } from '#core/watchdog/child.js'
import { obstacleAfter, pauseAsObstacle } from '#core/watchdog/obstacle.js'
import { aBotFile } from '../../support/builders/bot-file.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

/** Writes down that it was started, and exits as the file `exit` says, once that was written. */
const SCRIPT = `
  const fs = require('node:fs')
  fs.appendFileSync('started', 'x')
  const exit = () => { try { return fs.readFileSync('exit', 'utf8') } catch { return '' } }
  setInterval(() => { if (exit() !== '') process.exit(Number(exit())) }, 10)`

describe('the bot as a child of the watchdog', () => {
  const children: ChildBot[] = []

  afterEach(async () => {
    for (const child of children.splice(0)) await child.stop(5000)
    removeTempFolders()
  })

  function newChild(options: Partial<ChildOptions> = {}) {
    const home = tempFolder()
    const said: string[] = []
    const exits: BotExit[] = []
    const say = (words: string) => said.push(words)
    const child = new ChildBot(realClock, {
      command: [process.execPath, '-e', SCRIPT],
      home,
      restartDelayMs: 100_000,
      log: { info: say, warn: say, error: say } as unknown as Logger,
      runningBot: async () => undefined,
      obstacle: () => undefined,
      stopBot: async () => undefined,
      desiredStart: () => undefined,
      onExit: (exit) => exits.push(exit),
      ...options,
    })
    children.push(child)
    const started = join(home, 'started')
    const starts = () => (existsSync(started) ? readFileSync(started, 'utf8').length : 0)
    const until = async (isSo: () => boolean) => {
      for (let look = 0; look < 400 && !isSo(); look++) await pause(20)
      expect(isSo(), `${isSo}: ${said.join('\n')}`).to.equal(true)
    }
    const pidOf = async () => ((await child.status()).details as { child: number }).child
    return { home, child, said, exits, starts, until, pidOf }
  }

  it('is started again although the desired state can not be read', async () => {
    const { child, starts, until, pidOf } = newChild({
      restartDelayMs: 0,
      desiredStart: () => {
        throw new Error('ENFILE')
      },
    })
    await child.start()
    await until(() => starts() === 1)
    process.kill(await pidOf(), 'SIGKILL')
    await until(() => starts() === 2)
    await child.stop(5000)
    expect(await child.status()).to.include({ process: 'stopped' })
  })

  it('shows its console to whoever looks, line by line', async () => {
    const shown: string[] = []
    const { child, until } = newChild({
      command: [process.execPath, '-e', "process.stdout.write('one\\ntw'); setTimeout(() => console.log('o'), 50)"],
      onOutput: (line) => shown.push(line),
    })
    await child.start()
    await until(() => shown.length === 2)
    expect(shown).to.deep.equal(['one', 'two'])
  })

  it('reports its exit at once, before the next start', async () => {
    const { home, child, said, exits, starts, until, pidOf } = newChild()
    await child.start()
    await until(() => starts() === 1)
    const pid = await pidOf()
    writeFileSync(join(home, 'exit'), '3')
    await until(() => exits.length === 1)
    expect(exits).to.deep.equal([{ pid, exit: 3, isByItself: true }])
    expect(said.at(-1)).to.equal('the bot exited (exit code 3): it is started again in 1 min 40 s')
    rmSync(join(home, 'exit'))
    await child.start()
    await until(() => starts() === 2)
    process.kill(await pidOf(), 'SIGKILL')
    await until(() => exits.length === 2)
    expect(exits.at(-1)).to.include({ exit: null, isByItself: false })
    expect(said.at(-1)).to.equal('the bot was killed: it is started again in 1 min 40 s')
  })

  it('reports no exit and has no backoff where the watchdog itself stops it', async () => {
    const { child, said, exits, starts, until, pidOf } = newChild()
    for (let restart = 1; restart <= 3; restart++) {
      await child.start()
      await until(() => starts() === restart)
      child.expectExit()
      process.kill(await pidOf(), 'SIGKILL')
      await until(() => !child.isRunning)
    }
    expect((await child.status()).details).to.deep.include({ process: 'stopped', short_runs: 0 })
    expect({ exits, said }).to.deep.equal({ exits: [], said: [] })
  })

  it('is started again as soon as its wrong settings were changed', async () => {
    const folder = tempFolder()
    const paths = homePaths(folder)
    for (const one of [paths.state, paths.data]) mkdirSync(one, { recursive: true })
    writeFileSync(paths.env, 'X=1')
    const { home, child, said, starts, until } = newChild({ obstacle: (exit) => obstacleAfter(paths, exit) })
    writeFileSync(join(home, 'exit'), String(EXIT.settings))
    await child.start()
    await until(() => said.length === 1)
    expect(said[0]).to.equal(
      'the bot exited (exit code 78): another start does not help before its settings are corrected (catalyst config check); it is started again in 5 min, or as soon as .env was changed',
    )
    rmSync(join(home, 'exit'))
    writeFileSync(paths.env, 'X=2')
    await until(() => starts() === 2)
    expect(said.at(-1)).to.equal('the bot is started again at once: .env was changed')
  })

  it('is not started again while the watchdog is paused, and at once when that is over', async () => {
    const paths = homePaths(tempFolder())
    const now = () => realClock.now()
    writePause(paths, makePause({ length: '2h', why: undefined, by: 'ann' }, now()))
    const { home, child, said, starts, until } = newChild({
      obstacle: () => pauseAsObstacle(paths, now),
      restartDelayMs: 0,
    })
    writeFileSync(join(home, 'exit'), '1')
    await child.start()
    await until(() => said.length === 1)
    expect(said[0]).to.match(
      /^the bot exited \(exit code 1\): the watchdog is paused until .* by ann; it is started again as soon as the pause is over$/,
    )
    expect(await child.status()).to.include({ process: 'restarting' })
    rmSync(join(home, 'exit'))
    clearPause(paths)
    await until(() => starts() === 2)
  })

  const asOwner = process.platform === 'win32' || process.getuid?.() === 0 ? () => {} : it // whom no permission stops

  asOwner('is started again when the home can be written to', async () => {
    const paths = homePaths(tempFolder())
    for (const one of [paths.state, paths.data]) mkdirSync(one, { recursive: true })
    chmodSync(paths.state, 0o500)
    const { home, child, starts, until } = newChild({ obstacle: (exit) => obstacleAfter(paths, exit) })
    writeFileSync(join(home, 'exit'), '1')
    await child.start()
    await until(() => starts() === 1)
    rmSync(join(home, 'exit'))
    chmodSync(paths.state, 0o700)
    await until(() => starts() === 2)
  })

  it('is taken over from a watchdog that was killed: watched, started again, and stopped with this one', async () => {
    const orphans = [0, 1].map(() => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { detached: true }))
    const [first, second] = orphans.map(({ pid }) => pid as number) as [number, number]
    let bot: number | undefined = first
    const { child, said, exits, starts, until, pidOf } = newChild({
      restartDelayMs: 0,
      async runningBot() {
        const id = bot === undefined ? undefined : await identify(bot)
        return id && aBotFile({ ...id, supervisor: 'watchdog' })
      },
    })
    expect(await child.status()).to.deep.include({ process: 'running', exit: null })
    expect(child.isRunning).to.equal(true)
    expect(said[0]).to.equal(`the bot (pid ${first}) of a watchdog that is gone is taken over`)
    bot = undefined
    process.kill(first, 'SIGKILL')
    await until(() => starts() === 1)
    expect(exits).to.deep.equal([{ pid: first, exit: null, isByItself: false }])
    child.expectExit()
    process.kill(await pidOf(), 'SIGKILL')
    await until(() => !child.isRunning)
    bot = second
    await child.status()
    await child.stop(5000)
    await until(() => orphans.every(({ exitCode, signalCode }) => (exitCode ?? signalCode) !== null))
    expect(starts()).to.equal(1)
  })
})

describe('the pause before a child is started again', () => {
  const pauses = (delay: number, mostMs: number) =>
    [0, 1, 2, 3, 4, 9].map((shortRuns) => nextPause(shortRuns, delay, mostMs))

  it('is none after a good run, else the restart delay, or grows to 10 s where that is shorter', () => {
    expect(pauses(10_000, longestPauseMs(10_000))).to.deep.equal([0, 10_000, 10_000, 10_000, 10_000, 10_000])
    expect(pauses(60_000, longestPauseMs(60_000)).at(-1)).to.equal(60_000)
    expect(pauses(0, longestPauseMs(0)), 'no bot is started without end as fast as it can crash').to.deep.equal([
      0, 0, 2000, 4000, 8000, 10_000,
    ])
  })

  it('grows to five minutes where something prevents a start', () => {
    expect(pauses(10_000, 300_000)).to.deep.equal([0, 10_000, 20_000, 40_000, 80_000, 300_000])
  })
})
