import { join } from 'node:path'
import { botEnvironment } from '#core/bot/environment.js'
import { readConfig } from '#core/config/load.js'
import type { Health } from '#core/health/client.js'
import { readPointer, writePointer } from '#core/state/active-release.js'
import { readBotFile } from '#core/state/bot-file.js'
import { linkShared } from '#core/state/shared-paths.js'
import { makeFolder, readText } from '#core/system/files.js'
import { isRunning } from '#core/system/processes.js'
import { syncDisk } from '#core/system/sync-disk.js'
import { ambientFor } from './ambient.js'
import { Backups } from './backups.js'
import type { BuildLog } from './build-log.js'
import type { DeployHome } from './deploy-home.js'
import type { Deployment } from './deployment-file.js'
import { exportCommit } from './export-commit.js'
import { withSecretsOf } from './merge-settings.js'
import { undertaking } from './names.js'
import { EndsOf, passGate } from './pass-gate.js'
import type { Progress, Step } from './plan.js'
import { prune } from './prune.js'
import { Releases } from './releases.js'
import { DEPLOYMENT_MARK, runTool } from './run-tool.js'
import { makeBackup, putInForce } from './settings-backup.js'

/** What the steps of one deployment share. */
export interface StepContext {
  readonly home: DeployHome
  deployment: Deployment
  /** All that the tools of this release print. */
  readonly log: BuildLog
  signal: AbortSignal
  /** A line that a tool has printed, without secrets. */
  readonly onLine: (line: string) => void
  readonly onWait: (health: Health) => void
  /** Since when the bot may be away, on the monotonic clock. */
  downSince: number | undefined
  /** How long it was, as far as it is known. */
  downtimeMs: number | undefined
  ends: EndsOf | undefined
  /** The instance that the last restart has ended; null where it has left it alone. */
  old: string | null
}

/** Longest that installing or checking may take. */
const TOOL_LIMIT_MS = 60 * 60_000

/**
 * Does one step. What it has come to know goes into the deployment's file.
 * @throws whatever keeps it from being done; doing it again is fine
 */
export async function doStep(step: Step, context: StepContext): Promise<Partial<Progress>> {
  const { home, deployment } = context
  const { paths, asOwner } = home
  const releases = new Releases(paths)
  switch (step.do) {
    case 'backup':
      return { backup: asOwner(() => makeBackup(home, `before the ${undertaking(deployment)}`)).id }
    case 'export':
      await exportRelease(context)
      return {}
    case 'install':
    case 'check':
      await runOwnTool(step.argv, step.folder, context)
      return {}
    case 'seal':
      await syncDisk(releases.folderOf(deployment.target.name))
      asOwner(() => sealRelease(context))
      return {}
    case 'link':
      asOwner(() => linkRelease(context))
      return {}
    case 'settings':
      asOwner(() => putSettings(step, context))
      return {}
    case 'switch':
      asOwner(() => {
        const now = readPointer(paths)
        if ((now?.name ?? null) !== (step.to?.name ?? null)) writePointer(paths, step.to)
      })
      return {}
    case 'restart':
      await restart(step.unless, context)
      return {}
    case 'gate':
      await gate(step.release, context)
      return {}
    case 'discard':
      asOwner(() => releases.remove(deployment.target.name, sharedOf(context)))
      return {}
    case 'prune':
      asOwner(() => prune(home))
      return {}
  }
}

function sharedOf({ home, deployment }: StepContext): { subfolder: string; shared: readonly string[] } {
  return { subfolder: deployment.target.subfolder, shared: home.settings.DEPLOY_SHARED_PATHS }
}

async function exportRelease(context: StepContext): Promise<void> {
  const { home, deployment, signal } = context
  const { paths, owner, asOwner } = home
  const { name, commit } = deployment.target
  const releases = new Releases(paths)
  asOwner(() => {
    makeFolder(paths.releases)
    releases.remove(name, sharedOf(context)) // what an earlier one has left unfinished
  })
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

async function runOwnTool(argv: readonly [string, ...string[]], folder: string, context: StepContext): Promise<void> {
  const { home, deployment, signal } = context
  const { clock, paths, owner, asOwner } = home
  const { name, commit } = deployment.target
  const { log } = context
  const shown = home.redact(argv.join(' '))
  log.write(`$ ${shown}`)
  await runTool(clock, {
    argv,
    shown,
    folder: join(new Releases(paths).folderOf(name), folder),
    owner,
    environment: botEnvironment(
      { ...ambientFor(owner), ...asOwner(() => readConfig(paths.home, {}).environment) },
      { CATALYST_HOME: paths.home, CATALYST_RELEASE: name, CATALYST_COMMIT: commit },
    ),
    deployment: deployment.id,
    onLine(line) {
      const text = log.write(line)
      context.onLine(text)
      return text
    },
    log: log.path,
    signal,
    limitMs: TOOL_LIMIT_MS,
  })
}

function sealRelease({ home, deployment }: StepContext): void {
  const { name, commit, tag, subfolder } = deployment.target
  const shared = home.settings.DEPLOY_SHARED_PATHS
  new Releases(home.paths).seal({ name, commit, tag, subfolder, shared, made_at: home.clock.now() })
}

/** What a new release holds there was left by its tools. One that has run may hold what its bot has written. */
function linkRelease({ home, deployment }: StepContext): void {
  const { paths, settings } = home
  const isNew = deployment.steps.some((step) => step.do === 'export')
  const folder = new Releases(paths).workFolderOf(deployment.target)
  linkShared(paths.home, folder, settings.DEPLOY_SHARED_PATHS, isNew ? 'replace' : 'refuse')
}

function putSettings({ backup, secrets }: Extract<Step, { do: 'settings' }>, { home, deployment }: StepContext): void {
  const { paths } = home
  const backups = new Backups(paths.backups)
  const kept = backups.settingsOf(backups.find(backup))
  // those of today are what the deployment has backed up: it may be done a second time
  const today = deployment.backup === null ? '' : backups.settingsOf(backups.find(deployment.backup))
  const wanted = secrets === 'of today' ? withSecretsOf(kept, today) : kept
  const current = readText(paths.env)
  if (current === wanted) return
  // somebody has edited them since the deployment backed them up
  if (current !== undefined && current !== today && current !== kept)
    makeBackup(home, `changed during the ${undertaking(deployment)}`)
  putInForce(paths, wanted)
  home.journal.append('restore', { backup, replaced: deployment.backup, secrets })
}

async function restart(unless: string | null, context: StepContext): Promise<void> {
  const { home } = context
  const { asOwner, clock, keeper, paths } = home
  const bot = asOwner(() => readBotFile(paths.bot))
  const isLeft = bot !== undefined && bot.instance === unless && (await isRunning(bot))
  // the gate is to see this restart, and nothing of one before that failed
  context.ends?.close()
  context.ends = new EndsOf(asOwner(() => readPointer(paths))?.name ?? null, paths.journal)
  context.old = isLeft ? null : (bot?.instance ?? null)
  if (isLeft) return
  context.downSince ??= clock.monotonic()
  await keeper.restart()
}

async function gate(release: string | null, context: StepContext): Promise<void> {
  const { home, deployment, signal, onWait } = context
  context.ends ??= new EndsOf(release, home.paths.journal)
  const { ends, old } = context
  const { tolerated, stopWish = null } = deployment
  const firstGood = await passGate(home, { release, tolerated, old, ends, signal, stopWish, onWait })
  if (context.downSince !== undefined) context.downtimeMs = Math.round(firstGood - context.downSince)
}
