import { type Pointer, pointerTo } from '#core/home/active-release.js'
import type { SupervisorKind } from '#core/supervisor/supervisor.js'
import { versionName } from './names.js'

/** The version that a deployment or a rollback makes active. */
export interface Target extends Omit<Pointer, 'subfolder'> {
  readonly tag: string | null
  /** The path of the home in its repository, with a slash at the end; empty where it is the repository itself. */
  readonly subfolder: string
}

/** A step that runs a program of the release's. */
export interface ToolStep {
  readonly do: 'install' | 'check'
  readonly argv: readonly [string, ...string[]]
  /** The folder that it runs in, relative to the release's top. */
  readonly folder: string
}

/** One step of a plan, as data. Each can be done again: what has been done already is left as it is. */
export type Step =
  /** Backs up the settings as they are. */
  | { readonly do: 'backup' }
  /** Writes the commit's files into the release's folder. */
  | { readonly do: 'export' }
  | ToolStep
  /** Flushes the release to disk, and writes its manifest: from now on it is whole. */
  | { readonly do: 'seal' }
  /** Lets the shared paths appear in it. */
  | { readonly do: 'link' }
  /** Waits for a bot that is busy, so many seconds at most: until now nothing that runs has changed. */
  | { readonly do: 'wait'; readonly seconds: number }
  /** Puts the settings of a backup in force; the secrets are today's, or the backup's own. */
  | { readonly do: 'settings'; readonly backup: string; readonly secrets: 'of today' | 'of the backup' }
  /** Orders a snapshot of the data, which is taken once the old version has stopped, before the new one runs. */
  | { readonly do: 'snapshot'; readonly paths: readonly string[] }
  /**
   * Orders that the data of a snapshot comes back before the next version runs; today's is kept. null: the snapshot that
   * this deployment has made, if there is one.
   */
  | { readonly do: 'data'; readonly snapshot: string | null }
  /** Makes a release active, or the working tree. */
  | { readonly do: 'switch'; readonly to: Pointer | null }
  /** Restarts the bot, unless this instance of it still runs. */
  | { readonly do: 'restart'; readonly unless: string | null }
  /** Waits until the bot has proven itself as this release. */
  | { readonly do: 'gate'; readonly release: string | null }
  /** Removes a release that has not become whole. */
  | { readonly do: 'discard' }
  /** Removes releases and backups beyond the retention limit. */
  | { readonly do: 'prune' }

/** A step that runs no program named by the plan. */
export type PlainStep = Exclude<Step, ToolStep>

/** A step as it is recorded. Which program it ran is left out: a program named in a file is never run. */
export type RecordedStep = PlainStep | Pick<ToolStep, 'do'>

/** The steps from the active release to another version. */
export interface Plan {
  /** A repair builds the active version anew, beside the release whose runtime has changed. */
  readonly what: 'deployment' | 'rollback' | 'repair'
  readonly target: Target
  /** The release that was active before; null: the working tree. */
  readonly from: Pointer | null
  readonly steps: readonly Step[]
}

/** A plan as it is recorded. */
export interface RecordedPlan extends Omit<Plan, 'steps'> {
  readonly steps: readonly RecordedStep[]
}

/** The facts that a plan depends on. */
export interface PlanFacts extends Omit<Plan, 'steps'> {
  readonly hasSettings: boolean
  /** True if the release is on disk, and whole. */
  readonly isBuilt: boolean
  readonly install: readonly (readonly [string, ...string[]])[]
  readonly check: readonly [string, ...string[]] | undefined
  /** The folders that these two run in, relative to the release's top. */
  readonly folders: { readonly install: string; readonly check: string }
  /** The backup whose settings are put in force. */
  readonly settings: { readonly backup: string; readonly secrets: 'of today' | 'of the backup' } | undefined
  /** The paths below `data/` that belong to a version; empty: none, or the version stays the same. */
  readonly snapshotPaths?: readonly string[]
  /** The snapshot whose data comes back, where that was asked for. */
  readonly data?: string | undefined
  readonly supervisor: SupervisorKind
  /** The longest wait for a bot that is busy; 0: none. */
  readonly busyMaxSeconds: number
}

/**
 * Plans the steps to another version. Until the switch nothing that runs has changed. Then there is one restart in one
 * step, so that an interruption never leaves the bot stopped.
 */
export function planFor(facts: PlanFacts): Plan {
  const { what, target, from, hasSettings, isBuilt, install, check, folders, settings, supervisor } = facts
  const { busyMaxSeconds, snapshotPaths = [], data } = facts
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
    ...(supervisor === 'none' || busyMaxSeconds === 0 ? [] : [{ do: 'wait', seconds: busyMaxSeconds } as const]),
    ...(settings ? [{ do: 'settings', ...settings } as const] : []),
    ...dataSteps(snapshotPaths, data),
    { do: 'switch', to: pointerTo(target) },
    ...restartAndGate(supervisor, target.name, null),
    { do: 'prune' },
  ]
  return { what, target, from, steps }
}

/** Returns the steps for the data. What makes room for a snapshot that comes back is kept, and needs no copy. */
function dataSteps(paths: readonly string[], data: string | undefined): Step[] {
  if (data !== undefined) return [{ do: 'data', snapshot: data }]
  return paths.length === 0 ? [] : [{ do: 'snapshot', paths }]
}

/** Returns the steps as they are recorded. */
export function recordedSteps(steps: readonly Step[]): RecordedStep[] {
  return steps.map((step) => (step.do === 'install' || step.do === 'check' ? { do: step.do } : step))
}

/** The progress of a plan. */
export interface Progress {
  /** The number of steps that have begun; the last of them may not be done. */
  readonly begun: number
  /** The backup that was made at its beginning. */
  readonly backup: string | null
  /** The instance of the bot that ran at its beginning. */
  readonly instance: string | null
  readonly supervisor: SupervisorKind
  /** The signals by which it has passed the gate, where it told. */
  readonly provenBy?: string | undefined
}

/** Plans the steps that undo a plan from wherever it has come to. Nothing that has not begun is undone. */
export function planUndo(
  { steps, from }: Pick<RecordedPlan, 'steps' | 'from'>,
  { begun, backup, instance, supervisor }: Progress,
): readonly PlainStep[] {
  const has = (what: Step['do']) => steps.slice(0, begun).some((step) => step.do === what)
  const settings: PlainStep[] =
    has('settings') && backup !== null ? [{ do: 'settings', backup, secrets: 'of the backup' }] : []
  const hasData = has('snapshot') || has('data')
  const running: PlainStep[] = has('switch')
    ? [
        ...(hasData ? [{ do: 'data', snapshot: null } as const] : []),
        { do: 'switch', to: from },
        ...restartAndGate(supervisor, from?.name ?? null, has('settings') && has('restart') ? null : instance),
      ]
    : []
  return [...settings, ...running, ...(has('export') && !isSealed(steps, begun) ? [{ do: 'discard' } as const] : [])]
}

/** Plans the steps that start another release when the one before doesn't come up again. */
export function planRestart(to: Pointer, supervisor: SupervisorKind): readonly PlainStep[] {
  return [{ do: 'switch', to }, ...restartAndGate(supervisor, to.name, null)]
}

/** Returns whether an interrupted plan is resumed: its version has proven itself, or nothing could prove it. */
export function isPastProof({ steps }: Pick<RecordedPlan, 'steps'>, begun: number): boolean {
  const last = steps.findLastIndex(({ do: what }) => what === 'gate' || what === 'switch')
  return begun > last + 1
}

function isSealed(steps: readonly RecordedStep[], begun: number): boolean {
  return steps.slice(0, begun - 1).some((step) => step.do === 'seal')
}

function restartAndGate(supervisor: SupervisorKind, release: string | null, unless: string | null): PlainStep[] {
  if (supervisor === 'none') return []
  return [
    { do: 'restart', unless },
    { do: 'gate', release },
  ]
}

/** Describes a step to people. */
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
      return 'flush them to disk'
    case 'link':
      return 'link what the home shares'
    case 'settings':
      return `settings of the backup ${step.backup}, secrets ${step.secrets}`
    case 'snapshot':
      return `have the data copied between the two versions: ${step.paths.join(', ')}`
    case 'data':
      return step.snapshot === null
        ? 'have the data of before put back'
        : `have the data of the snapshot ${step.snapshot} put back, and today's kept`
    case 'wait':
      return `wait until the bot is not busy, ${step.seconds} s at most`
    case 'switch':
      return `switch from ${from?.name === step.to?.name ? target.name : (from?.name ?? 'the working tree')} to ${step.to?.name ?? 'the working tree'}`
    case 'restart':
      return 'restart the bot'
    case 'gate':
      return `wait until the bot is healthy as ${step.release ?? 'the working tree'}`
    case 'discard':
      return `remove the unfinished ${target.name}`
    case 'prune':
      return 'remove old releases and backups'
  }
}
