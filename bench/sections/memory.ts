import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AS_SERVICE, botState, CATALYST, IDLE_MODULE, ROOT, waitUntil, writeHome } from '../kernel/home.js'
import { findPm2, type Pm2 } from '../kernel/pm2.js'
import { memoryOf } from '../kernel/process-figures.js'
import { alone, paired, type Row, type RowOptions } from '../kernel/row.js'
import { Scratch } from '../kernel/scratch.js'
import type { Bench, Section } from '../kernel/section.js'

const ROUNDS = 9
const IDLE_MS = 10_000
const BOTS = 10

/** Figures of one round, in MB. */
interface Round {
  readonly node: number
  readonly demo: number
  readonly bot: number
  readonly watchdog: number
  readonly one: number
  readonly ten: number
  /** One watchdog for all ten; undefined where this version has none. */
  readonly tenUnderOne: number | undefined
  readonly pm2One: number | undefined
  readonly pm2Ten: number | undefined
}

/**
 * Memory after some idle seconds. `bot start` and `watchdog run` by what is resident, against a node process that waits; one
 * and ten program bots by what their supervisors have for themselves, without the programs.
 */
export const memory: Section = {
  name: 'memory',
  about: 'of a bot, of a watchdog, of one and of ten program bots with all that supervises them',
  async run(bench) {
    const pm2 = await findPm2(bench)
    const rounds: Round[] = []
    for (const count = bench.rounds(ROUNDS); rounds.length < count; ) {
      bench.say(`memory: round ${rounds.length + 1} of ${count}`)
      rounds.push(await measure(bench, pm2))
    }
    return rowsOf(rounds, pm2?.name)
  },
}

async function measure({ scratch: all }: Bench, pm2: Pm2 | undefined): Promise<Round> {
  const scratch = new Scratch()
  all.closeLater(() => scratch.close())
  try {
    const idle = scratch.start([process.execPath, '-e', 'setInterval(() => {}, 1e6)'])
    const service = (topic: string, verb: string, home: string) =>
      scratch.start([...CATALYST, topic, verb, '--home', home], { env: AS_SERVICE })
    const settings = { HEALTH_CHECK_PORT: 0, BOT_CYCLE_SECONDS: 30 }
    const demo = scratch.start([...CATALYST, 'bot', 'start', '--demo', '--home', writeHome(scratch.folder(), settings)])
    const bot = service('bot', 'start', writeHome(scratch.folder(), settings, IDLE_MODULE))
    const watchdog = service('watchdog', 'run', homeWithoutBot(scratch.folder()))
    const homes = Array.from({ length: BOTS }, () => programHome(scratch.folder()))
    const watchdogs = homes.map((home) => service('watchdog', 'run', home))
    if (pm2) await pm2.run('start', 'sleep', '--name', 'bot0', '--interpreter', 'none', '--', '100000')
    for (const home of homes) await waitUntil('a program that runs', () => botState(home).program)
    await sleep(IDLE_MS)
    const own = homes.map(
      (home, index) => memoryOf(botState(home).pid).own + memoryOf(watchdogs[index]?.pid as number).own,
    )
    const pm2One = pm2 && memoryOf(pm2.daemonPid()).own
    if (pm2) await startNineMore(pm2, scratch.folder())
    const figures = {
      node: memoryOf(idle.pid as number).resident,
      demo: memoryOf(demo.pid as number).resident,
      bot: memoryOf(bot.pid as number).resident,
      watchdog: memoryOf(watchdog.pid as number).resident,
      one: own[0] as number,
      ten: own.reduce((sum, mb) => sum + mb, 0),
      pm2One,
      pm2Ten: pm2 && memoryOf(pm2.daemonPid()).own,
    }
    await Promise.all(watchdogs.map((one) => scratch.end(one)))
    return { ...figures, tenUnderOne: hasOneForAll() ? await underOne(scratch) : undefined }
  } finally {
    await scratch.close()
    await pm2?.run('kill')
  }
}

async function startNineMore(pm2: Pm2, folder: string): Promise<void> {
  const apps = Array.from({ length: BOTS - 1 }, (_, index) => ({
    name: `bot${index + 1}`,
    script: 'sleep',
    interpreter: 'none',
    args: '100000',
  }))
  const file = join(folder, 'apps.json')
  writeFileSync(file, JSON.stringify({ apps }))
  await pm2.run('start', file)
  await sleep(IDLE_MS)
}

/** A program that does nothing, and is not to prove anything. */
function programHome(home: string): string {
  return writeHome(home, {
    BOT_COMMAND: 'sleep 100000',
    BOT_PROOF: 'process',
    HEALTH_CHECK_PORT: 0,
    WATCHDOG_ENABLED: 1,
  })
}

/** Its bot was stopped on purpose, so that the watchdog starts none beside it. */
function homeWithoutBot(home: string): string {
  writeHome(home, { WATCHDOG_ENABLED: 1 })
  const state = join(home, '.catalyst', 'state')
  mkdirSync(state, { recursive: true })
  const desired = { desired: 'stopped', by: 'bench', at: new Date().toISOString() }
  writeFileSync(join(state, 'desired-state.json'), JSON.stringify(desired))
  return home
}

/** Returns whether this version has one watchdog for all homes of a user. */
function hasOneForAll(): boolean {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8'))
  return manifest.commands['watchdog:run'].flags.all !== undefined
}

/** The same ten under one watchdog: it finds the homes in the registry of a user who has no others. */
async function underOne(scratch: Scratch): Promise<number> {
  const folder = scratch.folder()
  const homes = Array.from({ length: BOTS }, () => programHome(scratch.folder()))
  mkdirSync(join(folder, 'catalyst'))
  writeFileSync(join(folder, 'catalyst', 'homes.json'), JSON.stringify({ homes }))
  const watchdog = scratch.start([...CATALYST, 'watchdog', 'run', '--all'], {
    env: { ...AS_SERVICE, XDG_CONFIG_HOME: folder },
  })
  for (const home of homes) await waitUntil('a program that runs', () => botState(home).program)
  await sleep(IDLE_MS)
  return homes.reduce((sum, home) => sum + memoryOf(botState(home).pid).own, memoryOf(watchdog.pid as number).own)
}

function rowsOf(rounds: readonly Round[], pm2: string | undefined): Row[] {
  const of = (name: keyof Round) => rounds.map((round) => round[name]).filter((mb) => mb !== undefined)
  const supervised = (name: string, ours: readonly number[], theirs: readonly number[], options: RowOptions = {}) =>
    pm2 && theirs.length === ours.length
      ? paired(name, 'MB', ours, [`daemon of ${pm2}`, theirs], options)
      : alone(name, 'MB', ours, options)
  const node = ['idle node', of('node')] as const
  const goal = { of: 'value', atMost: 220 } as const
  const ten = `${BOTS} program bots, private memory beyond the programs`
  return [
    paired('bot start --demo, resident', 'MB', of('demo'), node, { goal: { of: 'ratio', atMost: 1.5 } }),
    paired('bot start as a service, a module that does nothing, resident', 'MB', of('bot'), node, {
      goal: { of: 'ratio', atMost: 1.5 },
    }),
    paired('watchdog run as a service, resident', 'MB', of('watchdog'), node, { goal: { of: 'ratio', atMost: 1.15 } }),
    supervised('1 program bot, private memory beyond the program', of('one'), of('pm2One')),
    supervised(`${ten}: a watchdog each`, of('ten'), of('pm2Ten'), hasOneForAll() ? {} : { goal }),
    ...(hasOneForAll() ? [supervised(`${ten}: one watchdog`, of('tenUnderOne'), of('pm2Ten'), { goal })] : []),
  ]
}
