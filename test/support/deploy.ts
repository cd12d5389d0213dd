import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import type { BotKeeper } from '#core/deploy/bot-keeper.js'
import { type DeployHome, openDeployHome } from '#core/deploy/deploy-home.js'
import type { Shipped } from '#core/deploy/ending.js'
import { findTarget } from '#core/deploy/find-target.js'
import { type PrepareOptions, prepare } from '#core/deploy/prepare.js'
import { resolveVersion } from '#core/deploy/refs.js'
import { openRepository } from '#core/deploy/repository.js'
import { ship } from '#core/deploy/ship.js'
import type { Hooks } from '#core/deploy/steps.js'
import { homePaths } from '#core/state/home-paths.js'
import { realClock } from '#core/system/clock.js'

/** Nobody keeps the bot: a deployment switches, and restarts nothing. */
const NOBODY: BotKeeper = {
  kind: 'nobody',
  environment: {},
  restart: async () => {},
  trouble: async () => undefined,
}

export const QUIET: Hooks = {
  signal: new AbortController().signal,
  onStep: () => {},
  onLine: () => {},
  onWait: () => {},
  onWarning: () => {},
}

export function openHomeOf(keeper: BotKeeper, folder: string): Promise<DeployHome> {
  return openDeployHome(realClock, homePaths(folder), undefined, keeper)
}

export function openNobodysHome(folder: string): Promise<DeployHome> {
  return openHomeOf(NOBODY, folder)
}

/** Deploys a tag or a commit, as `catalyst deploy run REF --skip-fetch --yes` does. */
export function deploy(folder: string, ref: string, force = false, hooks: Partial<Hooks> = {}): Promise<Shipped> {
  return deployWith(NOBODY, folder, ref, force, hooks)
}

/** The same where somebody keeps the bot. */
export async function deployWith(
  keeper: BotKeeper,
  folder: string,
  ref: string,
  force = false,
  hooks: Partial<Hooks> = {},
): Promise<Shipped> {
  const home = await openHomeOf(keeper, folder)
  const { git } = await openRepository(home.paths, home.owner)
  const version = await resolveVersion(git, ref)
  const { plan } = await prepare(home, version, { what: 'deployment', force, settings: 'of now' })
  return ship(home, plan, { ...QUIET, ...hooks })
}

/** Brings an earlier version back, as `catalyst deploy rollback REF --yes` does. */
export async function rollBack(folder: string, ref: string, settings: PrepareOptions['settings']): Promise<Shipped> {
  const home = await openNobodysHome(folder)
  const version = await findTarget(home, ref)
  const { plan } = await prepare(home, version, { what: 'rollback', force: false, settings })
  return ship(home, plan, QUIET)
}

/** All that lies in a folder, each by its content; what is ours and git's is left out. */
export function contentOf(folder: string, leftOut: readonly string[] = ['.git', '.catalyst']): Record<string, string> {
  const found: Record<string, string> = {}
  const look = (path: string) => {
    for (const name of fs.readdirSync(join(folder, path))) {
      const inside = path === '' ? name : `${path}/${name}`
      if (leftOut.includes(inside)) continue
      const stats = fs.lstatSync(join(folder, inside))
      if (stats.isSymbolicLink()) found[inside] = `-> ${fs.readlinkSync(join(folder, inside))}`
      else if (stats.isDirectory()) look(inside)
      else found[inside] = `${(stats.mode & 0o777).toString(8)} ${sha(fs.readFileSync(join(folder, inside)))}`
    }
  }
  look('')
  return found
}

/** All that a deployment must leave as it is: HEAD, branch, index, work tree, and the settings of git. */
export function stateOfHome(folder: string): Record<string, unknown> {
  const git = (...words: string[]) => {
    try {
      const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'ignore']
      return execFileSync('git', ['--no-optional-locks', ...words], { cwd: folder, encoding: 'utf8', stdio })
    } catch (error) {
      return `exit code ${(error as { status: number }).status}`
    }
  }
  return {
    head: git('rev-parse', 'HEAD'),
    branch: git('symbolic-ref', 'HEAD'),
    refs: git('for-each-ref'),
    index: git('ls-files', '--stage', '-v'),
    status: git('status', '--porcelain=v2', '--branch', '--untracked-files=all'),
    settings: git('config', '--list', '--local'),
    stash: git('stash', 'list'),
    files: contentOf(folder),
  }
}

function sha(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
