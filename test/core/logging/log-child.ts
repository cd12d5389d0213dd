/**
 * A process that logs and then ends, or doesn't, in the way that its first argument names; see survival.test.ts and
 * blocked-loop.test.ts.
 */
import { execFileSync, spawn } from 'node:child_process'
import { pbkdf2 } from 'node:crypto'
import fs from 'node:fs'
import { openLogging } from '#core/logging/write/logging.js'
import { realClock } from '#core/platform/clock.js'
import { PLAIN } from './options.js'

const [way = '', folder = ''] = process.argv.slice(2)
const faults: (string | undefined)[] = []
const freezeThresholdMs =
  process.env.FREEZE_MS === undefined ? {} : { freezeThresholdMs: Number(process.env.FREEZE_MS) }
const { log, close } = openLogging(realClock, {
  folder,
  ...PLAIN,
  ...freezeThresholdMs,
  thread: (process.env.THREAD ?? 'now') as 'now' | 'later' | 'none',
  onFault: (fault) => faults.push(fault),
})
let n = 0
const logLines = (count: number) => {
  for (let i = 0; i < count; i++) log.info({ n: n++ }, 'a line of the bot, as long as such lines are')
}
const say = (text: string) => fs.writeSync(1, `${text}\n`)
const blockFor = (ms: number) => {
  for (const end = performance.now() + ms; performance.now() < end; );
}
/** So many times longer than on a free machine may a thread have to wait for its turn. */
const SLOWEST = 3
const turn = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Lets the loop turn for so long, blocks it, and lives on until it is killed. */
const blocksIn = (block: () => void) => async () => {
  log.info('at work')
  await turn(300)
  block()
  await turn(60_000)
}

const ways: Record<string, () => void | Promise<void>> = {
  'killed after errors'() {
    for (let round = 0; round < 20; round++) {
      logLines(99)
      if (round % 2 === 0) log.error({ n: n++ }, 'an error')
      else log.fatal({ n: n++ }, 'a fatal error')
    }
    process.kill(process.pid, 'SIGKILL')
  },
  'killed while blocked'() {
    log.error({ n: n++ }, 'now the writer runs')
    logLines(3000)
    blockFor(250 * SLOWEST)
    process.kill(process.pid, 'SIGKILL')
  },
  'blocked for ever'() {
    logLines(3000)
    say('blocked')
    blockFor(Number.POSITIVE_INFINITY)
  },
  'loops for ever': blocksIn(function endlessLoop() {
    blockFor(Number.POSITIVE_INFINITY)
  }),
  'loops for a while': blocksIn(function longLoop() {
    blockFor(1500 * SLOWEST)
  }),
  'matches a runaway pattern': blocksIn(function runawayPattern() {
    ;/^(\w+\s?)*$/.test(`${'a'.repeat(60)}!`)
  }),
  'asks for microtasks for ever': blocksIn(function microtasks() {
    const again = (): Promise<void> => Promise.resolve().then(again)
    void again()
  }),
  'waits for a program': blocksIn(function waitsForProgram() {
    execFileSync(process.execPath, ['-e', 'setTimeout(() => {}, 4000)'])
  }),
  'waits for a lock': blocksIn(function waitsForLock() {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500 * SLOWEST)
  }),
  async 'stands still for a while'() {
    log.info('at work')
    await turn(300)
    spawn('sh', ['-c', `sleep 1.5; kill -CONT ${process.pid}`], { stdio: 'ignore' })
    process.kill(process.pid, 'SIGSTOP')
    await turn(1000)
    log.info('goes on')
    await close()
  },
  'exits at once'() {
    logLines(3000)
    process.exit(3)
  },
  'has nothing left to do'() {
    logLines(3000)
  },
  throws() {
    logLines(3000)
    throw new Error('nobody catches this')
  },
  async 'killed while the pool of threads is busy'() {
    log.error({ n: n++ }, 'now the files are open')
    pbkdf2('password', 'salt', 1e9, 64, 'sha512', () => {})
    await turn(50)
    log.error({ n: n++ }, 'an error')
    process.kill(process.pid, 'SIGKILL')
  },
  async 'writes until the disk takes a part of a line only'() {
    log.error({ n: n++ }, 'x'.repeat(20_000))
    log.error({ n: n++ }, 'x'.repeat(20_000))
    while (faults.length === 0) await turn(10)
    fs.rmSync(`${folder}/bot.jsonl`)
    fs.rmSync(`${folder}/errors.log`)
    while (faults.length === 1) await turn(10)
    await close()
    say(JSON.stringify(faults))
  },
}

await ways[way]?.()
