import { type Pointer, pointerTo } from '#core/state/active-release.js'
import { versionName } from './names.js'

/** What keeps the bot running: its service manager, a watchdog, or nobody. */
export type KeeperKind = 'service' | 'watchdog' | 'nobody'

/** What a deployment or a rollback brings about. */
export interface Target extends Omit<Pointer, 'subfolder'> {
  readonly tag: string | null
  /** Where the home lies in its repository, with a slash at the end; empty where it is the repository itself. */
  readonly subfolder: string
}

/** One thing to be done, as data. Each may be done again: what has been done already is left as it is. */
export type Step =
  /** Keeps the settings as they are. */
  | { readonly do: 'backup' }
  /** Writes the commit's files into the release's folder. */
  | { readonly do: 'export' }
  | { readonly do: 'install' | 'check'; readonly argv: readonly [string, ...string[]]; readonly folder: string }
  /** Brings it onto the disk; from now on it is a whole release. */
  | { readonly do: 'seal' }
  /** Lets the shared paths appear in it. */
  | { readonly do: 'link' }
  /** Puts the settings of a backup in force; the secrets are today's, or the backup's own. */
  | { readonly do: 'settings'; readonly backup: string; readonly secrets: 'of today' | 'of the backup' }
  /** Points at a release, or at the home itself. */
  | { readonly do: 'switch'; readonly to: Pointer | null }
  /** Restarts the bot, unless it is still this instance that runs. */
  | { readonly do: 'restart'; readonly unless: string | null }
  /** Waits until the bot has proven itself as this release. */
  | { readonly do: 'gate'; readonly release: string | null }
  /** Removes a release that has not become whole. */
  | { readonly do: 'discard' }
  /** Removes releases and backups that are one too many. */
  | { readonly do: 'prune' }

export interface Plan {
  readonly what: 'deployment' | 'rollback'
  readonly target: Target
  /** What is active before; null: the home itself. */
  readonly from: Pointer | null
  readonly steps: readonly Step[]
}

/** All that a plan depends on. */
export interface PlanFacts extends Omit<Plan, 'steps'> {
  readonly hasSettings: boolean
  /** Whether the release is on disk, and whole. */
  readonly isBuilt: boolean
  readonly install: readonly (readonly [string, ...string[]])[]
  readonly check: readonly [string, ...string[]] | undefined
  /** Where these two run, from the release's top. */
  readonly folders: { readonly install: string; readonly check: string }
  /** The backup whose settings come with it. */
  readonly settings: { readonly backup: string; readonly secrets: 'of today' | 'of the backup' } | undefined
  readonly keeper: KeeperKind
}

/**
 * The steps to another version. Until the switch nothing that runs has changed; then one restart, in one go, so that
 * nobody who goes away halfway leaves the bot stopped.
 */
export function planFor(facts: PlanFacts): Plan {
  const { what, target, from, hasSettings, isBuilt, install, check, folders, settings, keeper } = facts
  const build: Step[] = [
    { do: 'export' },
    ...install.map((argv): Step => ({ do: 'install', argv, folder: folders.install })),
    ...(check ? [{ do: 'check', argv: check, folder: folders.check } as const] : []),
    { do: 'seal' },
  ]
  const steps: Step[] = [
    ...(hasSettings ? [{ do: 'backup' } as const] : []),
    ...(isBuilt ? [] : build),
    { do: 'link' },
    ...(settings ? [{ do: 'settings', ...settings } as const] : []),
    { do: 'switch', to: pointerTo(target) },
    ...restartAndGate(keeper, target.name, null),
    { do: 'prune' },
  ]
  return { what, target, from, steps }
}

/** What a plan had come to when it was broken off. */
export interface Progress {
  /** How many steps had begun; the last of them may not have been done. */
  readonly begun: number
  /** The backup that was made at its beginning. */
  readonly backup: string | null
  /** The instance of the bot that ran then. */
  readonly instance: string | null
  readonly keeper: KeeperKind
}

/** The way back from wherever a plan was broken off, as steps of the same kind. Nothing that has not begun is undone. */
export function planBack({ steps, from }: Plan, { begun, backup, instance, keeper }: Progress): readonly Step[] {
  const has = (what: Step['do']) => steps.slice(0, begun).some((step) => step.do === what)
  const settings: Step[] =
    has('settings') && backup !== null ? [{ do: 'settings', backup, secrets: 'of the backup' }] : []
  const running: Step[] = has('switch')
    ? [
        { do: 'switch', to: from },
        ...restartAndGate(keeper, from?.name ?? null, has('settings') && has('restart') ? null : instance),
      ]
    : []
  return [...settings, ...running, ...(has('export') && !isSealed(steps, begun) ? [{ do: 'discard' } as const] : [])]
}

/** The steps that bring another release back when that before doesn't come up again. */
export function planRescue(to: Pointer, keeper: KeeperKind): readonly Step[] {
  return [{ do: 'switch', to }, ...restartAndGate(keeper, to.name, null)]
}

/** Whether it is carried forward when it was cut off: the proof has been given, or nobody could give it. */
export function isBeyondReturn({ steps }: Plan, begun: number): boolean {
  const last = steps.findLastIndex(({ do: what }) => what === 'gate' || what === 'switch')
  return begun > last + 1
}

function isSealed(steps: readonly Step[], begun: number): boolean {
  return steps.slice(0, begun - 1).some((step) => step.do === 'seal')
}

function restartAndGate(keeper: KeeperKind, release: string | null, unless: string | null): Step[] {
  if (keeper === 'nobody') return []
  return [
    { do: 'restart', unless },
    { do: 'gate', release },
  ]
}

/** A step as a person reads it. */
export function describe(step: Step, { target, from }: Pick<Plan, 'target' | 'from'>): string {
  switch (step.do) {
    case 'backup':
      return 'back up the settings'
    case 'export':
      return `write the files of ${versionName(target)} (${target.commit.slice(0, 8)})`
    case 'install':
    case 'check':
      return `${step.do}: ${step.argv.join(' ')}`
    case 'seal':
      return 'bring them onto the disk'
    case 'link':
      return 'link what the home shares'
    case 'settings':
      return `settings of the backup ${step.backup}, secrets ${step.secrets}`
    case 'switch':
      return `switch from ${from?.name === step.to?.name ? target.name : (from?.name ?? 'the home')} to ${step.to?.name ?? 'the home itself'}`
    case 'restart':
      return 'restart the bot'
    case 'gate':
      return `wait for its proof of health as ${step.release ?? 'the home itself'}`
    case 'discard':
      return `remove the unfinished ${target.name}`
    case 'prune':
      return 'remove old releases and backups'
  }
}
