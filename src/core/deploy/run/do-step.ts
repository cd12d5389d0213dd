import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { botEnvironment } from '#core/bot/environment.js'
import { hasBoundModules, nodeOnDisk } from '#core/bot/runtime/native-modules.js'
import { readConfig } from '#core/config/load.js'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import type { Deployment } from '#core/deploy/deployment-file.js'
import { passGate } from '#core/deploy/gate/pass-gate.js'
import { UnexpectedExits } from '#core/deploy/gate/unexpected-exits.js'
import { ambientFor } from '#core/deploy/git/ambient.js'
import { exportCommit } from '#core/deploy/git/export-commit.js'
import { operationName } from '#core/deploy/names.js'
import type { Progress, Step, ToolStep } from '#core/deploy/plan.js'
import { prune } from '#core/deploy/releases/prune.js'
import { Releases } from '#core/deploy/releases/releases.js'
import { Backups } from '#core/deploy/settings/backups.js'
import { openPartOf } from '#core/deploy/settings/open-part.js'
import { settingsAfter } from '#core/deploy/settings/settings-after.js'
import { makeBackup, putInForce, readSettingsText } from '#core/deploy/settings/settings-backup.js'
import { announcedText } from '#core/health/announced/announced.js'
import { waitUntilSafe } from '#core/health/announced/wait-for-safe-moment.js'
import type { Health } from '#core/health/client.js'
import { writePointer } from '#core/home/active-release.js'
import { linkShared } from '#core/home/shared-paths.js'
import { syncDisk } from '#core/platform/disk/sync-disk.js'
import { makeFolder } from '#core/platform/fs/write-files.js'
import { isRunning } from '#core/platform/process/process-id.js'
import type { BuildLog } from './build-log.js'

import { installEnvironment } from './install-environment.js'
import { orderData, orderSnapshot } from './order-data.js'
import { DEPLOYMENT_MARK, runTool } from './run-tool.js'
import { refuseStopped } from './stopped.js'

/** The cost of a restart, in seconds from its beginning. */
export interface RestartCost {
  /** The time until a bot ran and answered again. */
  readonly downtime_seconds: number
  /** The time until it had proven that it works. */
  readonly proven_seconds: number
}

/** The state that the steps of one deployment share. */
export interface StepContext {
  readonly home: DeployHome
  deployment: Deployment
  /** The log of this release's tools. */
  readonly log: BuildLog
  signal: AbortSignal
  /** Takes a line that a tool has printed, without secrets. */
  readonly onLine: (line: string) => void
  readonly onWait: (health: Health) => void
  readonly onWarning: (text: string) => void
  /** The time since which the bot may be down, on the monotonic clock. */
  downSince: number | undefined
  /** The cost of the restart; undefined while that isn't known. */
  cost: RestartCost | undefined
  exits: UnexpectedExits | undefined
  /** The time for which a busy bot was waited for; undefined: it was not. */
  waitedMs: number | undefined
  /** The time at which the bot was restarted last, a wall time in ms since 1970. */
  restartedAt: number
  /** The instance that the last restart has stopped; null where it has left it alone. */
  old: string | null
}

/** The time limit of installing and of checking. */
const TOOL_LIMIT_MS = 60 * 60_000

/**
 * Does one step, and returns what is to be added to the deployment's file.
 * @throws any error of the step; it can be done again
 */
export async function doStep(step: Step, context: StepContext): Promise<Partial<Progress>> {
  const { home, deployment } = context
  switch (step.do) {
    case 'backup':
      return { backup: (await makeBackup(home, `before the ${operationName(deployment)}`)).id }
    case 'export':
      await exportRelease(context)
      return {}
    case 'install':
    case 'check':
      await runOwnTool(step, context)
      return {}
    case 'seal':
      await syncDisk(new Releases(home).folderOf(deployment.target.name))
      await sealRelease(context)
      return {}
    case 'wait':
      await waitUntilIdle(step.seconds, context)
      return {}
    case 'settings':
      await putSettings(step, context)
      return {}
    case 'restart':
      await restart(step.unless, context)
      return {}
    case 'gate':
      return gate(step.release, context)
    default:
      home.asOwner(() => changeFiles(step, context)) // at once: each change of the user costs
      return {}
  }
}

/** A step that does nothing but change files, and does so at once. */
type FileStep = Extract<Step, { do: 'link' | 'snapshot' | 'data' | 'switch' | 'discard' | 'prune' }>

function changeFiles(step: FileStep, context: StepContext): void {
  const { home, deployment } = context
  switch (step.do) {
    case 'link':
      linkRelease(context)
      break
    case 'snapshot':
      orderSnapshot(home, deployment, step.paths)
      break
    case 'data':
      orderData(home, deployment, step.snapshot)
      break
    case 'switch':
      if ((home.activePointer()?.name ?? null) !== (step.to?.name ?? null)) writePointer(home.paths, step.to)
      break
    case 'discard':
      new Releases(home).remove(deployment.target.name, sharedOf(context))
      break
    case 'prune':
      prune(home)
  }
}

function sharedOf({ home, deployment }: StepContext): { subfolder: string; shared: readonly string[] } {
  return { subfolder: deployment.target.subfolder, shared: home.settings.DEPLOY_SHARED_PATHS }
}

async function exportRelease(context: StepContext): Promise<void> {
  const { home, deployment, signal } = context
  const { paths, owner, asOwner } = home
  const { name, commit } = deployment.target
  const releases = new Releases(home)
  asOwner(() => makeFolder(paths.releases))
  releases.remove(name, sharedOf(context)) // what an interrupted one has left
  context.log.begin()
  const index = join(paths.releases, `.${name}.index`)
  await exportCommit(paths.home, commit, {
    owner,
    folder: releases.folderOf(name),
    index,
    mark: { [DEPLOYMENT_MARK]: deployment.id },
    signal,
  })
}

async function runOwnTool({ do: what, argv, folder }: ToolStep, context: StepContext): Promise<void> {
  const { home, deployment, signal } = context
  const { clock, paths, owner, asOwner } = home
  const { name, commit } = deployment.target
  const { log } = context
  const shown = home.redact(argv.join(' '))
  log.write(`$ ${shown}`)
  const all = { ...ambientFor(owner), ...asOwner(() => readConfig(paths.home, {}).environment) }
  const { seen, withheld } =
    what === 'install' ? installEnvironment(all, home.settings.DEPLOY_INSTALL_ENV) : { seen: all, withheld: [] }
  await runTool(clock, {
    argv,
    shown,
    folder: join(new Releases(home).folderOf(name), folder),
    owner,
    environment: botEnvironment(seen, { CATALYST_HOME: paths.home, CATALYST_RELEASE: name, CATALYST_COMMIT: commit }),
    isModule: home.settings.BOT_COMMAND === undefined,
    withheld,
    deployment: deployment.id,
    onLine(line) {
      const text = log.write(line)
      context.onLine(text)
      return text
    },
    release: name,
    signal,
    limitMs: TOOL_LIMIT_MS,
  })
}

async function sealRelease({ home, deployment }: StepContext): Promise<void> {
  const { name, commit, tag, subfolder } = deployment.target
  const shared = home.settings.DEPLOY_SHARED_PATHS
  const releases = new Releases(home)
  const folders = [releases.workFolderOf(deployment.target), releases.folderOf(name)]
  const node_abi = home.asOwner(() => hasBoundModules(folders)) ? (await nodeOnDisk()).abi : null
  releases.seal({ name, commit, tag, subfolder, shared, made_at: home.clock.now(), node_abi })
}

/**
 * Links the shared paths. In a new release their place holds files of its tools; a release that has run may hold data
 * of its bot.
 */
function linkRelease({ home, deployment }: StepContext): void {
  const { paths, settings } = home
  const isNew = deployment.steps.some((step) => step.do === 'export')
  const folder = new Releases(home).workFolderOf(deployment.target)
  linkShared(paths.home, folder, settings.DEPLOY_SHARED_PATHS, isNew ? 'replace' : 'refuse')
}

async function putSettings(step: Extract<Step, { do: 'settings' }>, { home, deployment }: StepContext): Promise<void> {
  const { restored, isEdited } = home.asOwner(() => settingsOfStep(step, home, deployment))
  if (restored === undefined) return
  if (isEdited) await makeBackup(home, `changed during the ${operationName(deployment)}`)
  home.asOwner(() => {
    putInForce(home, restored)
    const { backup, secrets } = step
    home.journal.append('restore', { backup, replaced: deployment.backup, secrets })
  })
}

/** Returns the settings to put in force, unless they are in force, and whether somebody has edited those of today. */
function settingsOfStep(
  step: Extract<Step, { do: 'settings' }>,
  home: DeployHome,
  { backup }: Deployment,
): { readonly restored?: string; readonly isEdited?: boolean } {
  const backups = new Backups(home)
  const own = backup === null ? undefined : backups.find(backup)
  const current = readSettingsText(home)
  // today's settings are those that the deployment has backed up: this step may be done a second time
  const today = own === undefined ? '' : own.sealed_to === null ? backups.settingsOf(own) : (current ?? '')
  const restored = settingsAfter(home, step, today)
  if (current === restored) return {}
  // somebody has edited them since the deployment backed them up
  const isEdited = (text: string) =>
    own !== undefined && own.sealed_to !== null
      ? !isDeepStrictEqual(openPartOf(text), backups.sealedOf(own).open)
      : text !== today && !backups.holds(backups.find(step.backup), text)
  return { restored, isEdited: current !== undefined && isEdited(current) }
}

/** Waits for a bot that is busy. A deployment that is cancelled meanwhile ends before its next step. */
async function waitUntilIdle(seconds: number, context: StepContext): Promise<void> {
  const { home, deployment, signal, onLine, onWarning } = context
  context.waitedMs = await waitUntilSafe(home.clock, home.paths, {
    what: `The ${deployment.what}`,
    maxMs: seconds * 1000,
    signal,
    say: onWarning,
    onWait: (busy) => onLine(`busy: ${announcedText(busy)}`),
  })
}

async function restart(unless: string | null, context: StepContext): Promise<void> {
  const { home, deployment } = context
  const { clock, supervisor, paths } = home
  const { bot, active } = home.asOwner(() => ({ bot: home.lastBot(), active: home.activePointer()?.name ?? null }))
  const isSame = bot !== undefined && bot.instance === unless && bot.release === active
  const isLeftRunning = isSame && (await isRunning(bot))
  // the gate is to see the exits of this restart, and none of an earlier one that failed
  context.exits?.close()
  context.exits = new UnexpectedExits(active, paths.journal)
  context.restartedAt = clock.now()
  context.old = isLeftRunning ? null : (bot?.instance ?? null)
  if (isLeftRunning) return
  context.downSince ??= clock.monotonic()
  await supervisor.restart(() => refuseStopped(home, deployment))
}

async function gate(release: string | null, context: StepContext): Promise<Partial<Progress>> {
  const { home, deployment, signal, onWait } = context
  context.exits ??= new UnexpectedExits(release, home.paths.journal)
  const { exits, old, restartedAt: since } = context
  const { tolerated, desiredStop = null } = deployment
  // what is rolled back to has proven itself already
  const proofBefore = deployment.back === null ? (deployment.proofBefore ?? null) : null
  const options = { release, tolerated, proofBefore, old, exits, since, signal, desiredStop, onWait }
  const { upAt, goodAt, by } = await passGate(home, options)
  const { downSince } = context
  const known = by === undefined ? {} : { provenBy: by }
  if (downSince === undefined) return known
  const secondsUntil = (at: number) => Math.round(at - downSince) / 1000
  context.cost = { downtime_seconds: secondsUntil(upAt), proven_seconds: secondsUntil(goodAt) }
  return known
}
