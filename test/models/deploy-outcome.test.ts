import { expect } from 'chai'
import { shippedText } from '#cli/deploy/deploy-text.js'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import { lockVersion } from '#core/deploy/deploy-lock.js'
import type { Plan } from '#core/deploy/plan.js'
import { recover } from '#core/deploy/recover.js'
import { Execution } from '#core/deploy/run/execution.js'
import { type DeployResult, errorOf, isShipped } from '#core/deploy/run/result.js'
import type { Hooks } from '#core/deploy/run/steps.js'
import { backUp } from '#core/deploy/settings/settings-backup.js'
import { readPointer } from '#core/home/active-release.js'
import { readBotFile } from '#core/home/bot-file.js'
import { aDeployment, aPlan } from '../support/builders/deployment.js'
import { type Behavior, DeployWorld, Killed, type Supervisor } from '../support/deploy/deploy-world.js'
import { removeTempFolders } from '../support/temp.js'

type Victim = 'watchdog' | 'bot' | 'watchdog and bot' | 'deployment' | 'watchdog and deployment'

interface Scenario {
  readonly plan: string
  readonly supervisor: Supervisor
  readonly victim: Victim | undefined
  /** At which of the things that are seen of a deployment it is killed. */
  readonly at: number
  readonly comesBack: boolean
}

interface Kind {
  readonly what: Plan['what']
  readonly v2: Behavior
  readonly v1: Behavior
  readonly settings: boolean
  /** Until it is built nothing that runs is touched: only its own end makes a difference. */
  readonly builds: boolean
  readonly supervisors: readonly Supervisor[]
}

const DEPLOYMENT: Kind = {
  what: 'deployment',
  v2: 'works',
  v1: 'works',
  settings: false,
  builds: false,
  supervisors: ['watchdog', 'service', 'none'],
}

const PLANS: Record<string, Kind> = {
  'a deployment': DEPLOYMENT,
  'a deployment that is built': { ...DEPLOYMENT, builds: true, supervisors: ['watchdog'] },
  'a deployment that crashes': { ...DEPLOYMENT, v2: 'crashes', supervisors: ['service'] },
  'a deployment that never gets healthy': { ...DEPLOYMENT, v2: 'is never healthy', supervisors: ['watchdog'] },
  'a deployment after which nothing comes up': {
    ...DEPLOYMENT,
    v2: 'crashes',
    v1: 'crashes',
    supervisors: ['watchdog'],
  },
  'a rollback with settings': {
    ...DEPLOYMENT,
    what: 'rollback',
    settings: true,
    supervisors: ['watchdog', 'none'],
  },
  'a rollback with settings that crashes': {
    ...DEPLOYMENT,
    what: 'rollback',
    settings: true,
    v2: 'crashes',
    supervisors: ['watchdog', 'service'],
  },
}

/** Carries out a plan in a world of its own; the answer is at what somebody could have been killed. */
async function play(scenario: Scenario): Promise<readonly string[]> {
  const world = await DeployWorld.begin(scenario.supervisor)
  try {
    return await playIn(world, scenario)
  } finally {
    await world.close()
  }
}

async function playIn(
  world: DeployWorld,
  { plan: name, supervisor, victim, at, comesBack }: Scenario,
): Promise<readonly string[]> {
  const kind = PLANS[name] as Kind
  const v1 = world.release('v1')
  const v2 = kind.builds ? world.commit('v2', kind.v2) : world.release('v2', kind.v2)
  await world.runs(v1)
  world.behaviors.set(v1.name, kind.v1)
  let isDead = false
  const seen: string[] = []
  const kill = () => {
    if (victim?.includes('watchdog')) {
      world.killWatchdog()
      if (comesBack) world.clock.after(1000, () => world.startWatchdog())
    }
    if (victim?.includes('bot')) {
      world.killBot()
      if (supervisor === 'none' && comesBack) world.clock.after(1000, () => world.bot ?? world.startBot())
    }
    if (!victim?.includes('deployment')) return
    isDead = true
    throw new Killed()
  }
  const event = (what: string) => {
    if (isDead) throw new Killed()
    if (seen.push(what) - 1 === at) kill()
  }
  let waits = 0
  const hooks: Hooks = {
    signal: new AbortController().signal,
    onStep: ({ state, step }) => event(`${state} ${step}`),
    onLine: () => {},
    onWait: () => waits++ % 10 === 2 && event('wait'),
    onWarning: () => {},
  }
  const home = await world.open(() => isDead)
  const backup = kind.settings ? await backUp(home, 'by hand') : undefined
  const plan = aPlan({
    what: kind.what,
    target: v2,
    from: { name: v1.name, commit: v1.commit },
    isBuilt: !kind.builds,
    settings: backup && { backup: backup.id, secrets: 'of today' },
    supervisor: home.supervisor.kind,
  })
  const deployment = aDeployment(plan, {
    since: new Date(world.clock.now()).toISOString(),
    instance: readBotFile(world.paths.bot)?.instance ?? null,
    supervisor: home.supervisor.kind,
  })
  const execution = new Execution(home, hooks, deployment)
  const run = locked(home, () => execution.run(plan.steps))
  const result = await world.clock.turnUntil(run).catch((error) => {
    if (error instanceof Killed || isDead) return undefined
    throw error
  })
  if (result) check(world, result, plan, v2.name)
  else {
    const words = world.journal().flatMap((entry) => (/^deploy\.(recover|end)$/.test(entry.kind) ? [entry.kind] : []))
    expect(words[0], 'who is killed says nothing').to.not.equal('deploy.end')
  }
  if (world.isInterrupted) await recovered(world, plan, v2.name, comesBack)
  return seen
}

/** Does this as a command does: while nobody else deploys. */
async function locked<T>(home: DeployHome, work: () => Promise<T>): Promise<T> {
  using _lock = await lockVersion(home, 'the deployment')
  return await work()
}

/** Recovers an interrupted deployment, by a watchdog or by hand, and checks that its outcome is reported as it is, too. */
async function recovered(world: DeployWorld, plan: Plan, target: string, byWatchdog: boolean): Promise<void> {
  if (world.supervisor === 'watchdog' && byWatchdog) {
    world.killWatchdog()
    world.startWatchdog()
    return carriedOn(world)
  }
  const home = await world.open(() => false)
  const hooks = { signal: new AbortController().signal, onStep() {}, onLine() {}, onWait() {}, onWarning() {} }
  const run = locked(home, () => recover(home, hooks)).catch((error) => {
    if (error.code !== 'DEPLOY_BUSY') throw error // a watchdog was quicker
  })
  const result = await world.clock.turnUntil(run)
  if (result) check(world, result, plan, target)
  else await carriedOn(world)
}

/** By a watchdog. What it does besides files and sockets takes real time. */
async function carriedOn(world: DeployWorld): Promise<void> {
  const until = performance.now() + 20_000
  while (world.isInterrupted && performance.now() < until) await world.clock.turn(100)
  expect(world.isInterrupted, 'a watchdog brings it to an end').to.equal(false)
}

/** What is said is what is. */
function check(world: DeployWorld, result: DeployResult, plan: Plan, target: string): void {
  const active = readPointer(world.paths)?.name ?? null
  const runs = world.bot?.release
  const { outcome } = result
  expect(result.active, 'the pointer').to.equal(active)
  expect(result.bot?.release, 'the bot').to.equal(runs)
  const entry = world.journal().findLast(({ kind }) => kind === 'deploy.end')
  expect(entry).to.deep.include({ outcome, active, bot: result.bot })
  const words = isShipped(result) ? shippedText(result) : errorOf(result, plan, undefined).message
  const told = world.told.at(-1) ?? ''
  for (const text of [words, told]) {
    expect(text, 'names what is active').to.include(active)
    if (runs !== undefined) expect(text, 'names what runs').to.include(runs)
    if (/and healthy/.test(text)) expect([runs, text]).to.deep.equal([active, text])
    if (runs === undefined) expect(text).to.include('No bot runs')
    if (runs !== undefined && runs !== active) expect(text).to.match(/still runs \(pid \d+\)/)
  }
  if (outcome === 'deployed') expect([active, runs]).to.deep.equal([target, target])
  if (outcome === 'rolled_back' || outcome === 'cancelled') expect(runs ?? active).to.equal(active)
  if (runs !== active && plan.steps.some((step) => step.do === 'gate')) expect(outcome).to.equal('needs_attention')
}

/** Who can be killed where, and whether that makes a difference to who comes back. */
const VICTIMS: Record<Supervisor, readonly [Victim, ...boolean[]][]> = {
  service: [
    ['bot', true],
    ['deployment', true],
  ],
  watchdog: [
    ['watchdog', true, false],
    ['bot', true],
    ['watchdog and bot', true, false],
    ['deployment', true, false],
    ['watchdog and deployment', false],
  ],
  none: [
    ['bot', true, false],
    ['deployment', true],
  ],
}

/** What makes a difference to anybody but the deployment. */
const CHANGES = /^(begin (switch|restart|gate|prune)|wait)$/

/** All that can go wrong by this victim's end, after the plan was seen to go its way. */
async function playAll(plan: string, supervisor: Supervisor, victim: Victim, ways: readonly boolean[]): Promise<void> {
  const events = await play({ plan, supervisor, victim: undefined, at: -1, comesBack: false })
  for (const [at, event] of events.entries()) {
    if (!victim.includes('deployment') && !CHANGES.test(event)) continue
    for (const comesBack of ways) {
      const scenario = { plan, supervisor, victim, at, comesBack }
      await play(scenario).catch((error) => {
        error.message = `${JSON.stringify(scenario)}: ${error.message}`
        throw error
      })
    }
  }
}

describe('the words about any deployment', () => {
  afterEach(removeTempFolders)

  for (const [plan, { supervisors, builds }] of Object.entries(PLANS))
    for (const supervisor of supervisors)
      for (const [victim, ...ways] of VICTIMS[supervisor].filter(([who]) => !builds || who === 'deployment'))
        it(`name what is active and what runs: ${plan}, supervised by ${supervisor}, ${victim} killed at any step`, async function () {
          this.timeout(180_000) // many short lives: seconds, on a machine that has time
          if (process.platform === 'linux') await playAll(plan, supervisor, victim, ways)
        })
})
