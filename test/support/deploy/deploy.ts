import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import { type DeployHome, openDeployHome } from '#core/deploy/deploy-home.js'
import { resolveVersion } from '#core/deploy/git/refs.js'
import { openRepository } from '#core/deploy/git/repository.js'
import { type PrepareOptions, prepare } from '#core/deploy/prepare.js'
import { findTarget } from '#core/deploy/releases/find-target.js'
import type { Shipped } from '#core/deploy/run/result.js'
import type { Hooks } from '#core/deploy/run/steps.js'
import { ship } from '#core/deploy/ship.js'
import { homePaths } from '#core/home/home-paths.js'
import { realClock } from '#core/platform/clock.js'
import { NO_SUPERVISOR, type Supervisor } from '#core/supervisor/supervisor.js'

export const QUIET: Hooks = {
  signal: new AbortController().signal,
  onStep: () => {},
  onLine: () => {},
  onWait: () => {},
  onWarning: () => {},
}

export function openHomeOf(supervisor: Supervisor, folder: string): Promise<DeployHome> {
  return openDeployHome(realClock, homePaths(folder), undefined, supervisor)
}

export function openNobodysHome(folder: string): Promise<DeployHome> {
  return openHomeOf(NO_SUPERVISOR, folder)
}

/** Deploys a tag or a commit, as `catalyst deploy run REF --skip-fetch --yes` does. */
export function deploy(folder: string, ref: string, force = false, hooks: Partial<Hooks> = {}): Promise<Shipped> {
  return deployWith(NO_SUPERVISOR, folder, ref, force, hooks)
}

/** The same where somebody keeps the bot. */
export async function deployWith(
  supervisor: Supervisor,
  folder: string,
  ref: string,
  force = false,
  hooks: Partial<Hooks> = {},
): Promise<Shipped> {
  const home = await openHomeOf(supervisor, folder)
  const { git } = await openRepository(home)
  const version = await resolveVersion(git, ref)
  const { plan } = await prepare(home, version, { what: 'deployment', force, settings: 'current' })
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
