import { isBackupId } from '#core/deploy/settings/backups.js'
import { isCommit, isInside, isReleaseName, type Pointer, pointerTo } from '#core/home/active-release.js'
import { isDataPath } from '#core/snapshots/snapshot-paths.js'
import { isSnapshotId } from '#core/snapshots/snapshots.js'
import type { SupervisorKind } from '#core/supervisor/supervisor.js'
import type { Progress, RecordedPlan, RecordedStep, Target } from './plan.js'

/**
 * The content of `.catalyst/state/deployment.json`: the deployment that is under way, with its plan and how far it has
 * come. It is interrupted when no process carries it out any more.
 */
export interface Deployment extends RecordedPlan, Progress {
  readonly id: string
  /** ISO 8601. */
  readonly since: string
  readonly by: string
  /** The reason for which it is being rolled back; null while it is not. */
  readonly back: string | null
  /** Reasons for which the bot was degraded before: the new release isn't refused for them. */
  readonly tolerated: readonly string[]
  /**
   * The time at which somebody had stopped the bot before it began. This deployment starts the bot all the same; a
   * later stop cancels it.
   */
  readonly desiredStop?: string | null
  /** The proof of the version before, where this one has to prove more than that its process lives. */
  readonly proofBefore?: string | null
}

type Fields = Readonly<Record<string, unknown>>

/** The order of the steps in any plan of ours. A recovery leaves out the restart where the bot has no supervisor. */
const ORDER =
  /^(backup )?(export (install )*(check )?seal )?link (wait )?(settings )?(snapshot |data )?switch (restart )?(gate )?prune $/
const OPERATIONS: readonly Deployment['what'][] = ['deployment', 'rollback', 'repair']
const SUPERVISORS: readonly SupervisorKind[] = ['service', 'watchdog', 'none']
/** The maximum of BOT_BUSY_MAX. */
const LONGEST_WAIT_SECONDS = 86_400
const ID = /^[\w-]{1,64}$/

/**
 * Parses a deployment from the fields of its file, or returns its fault. Only known fields are taken over. A repository
 * may bring such a file along, so it is carried out only if our own planner can have made it.
 */
export function parseDeployment(value: Fields): { deployment: Deployment } | { fault: string } {
  const { id, what, begun, backup, instance, supervisor, since, by, back, tolerated, desiredStop } = value
  const { proofBefore, provenBy } = value
  if (typeof id !== 'string' || !ID.test(id)) return { fault: 'its id is not valid' }
  const knownWhat = OPERATIONS.find((one) => one === what)
  if (knownWhat === undefined) return { fault: 'it is neither a deployment nor a rollback nor a repair' }
  const target = targetOf(value.target)
  if (target === undefined) return { fault: 'its target is not a release' }
  const from = value.from === null ? null : pointerOf(value.from)
  if (from === undefined) return { fault: 'the release before is not a release' }
  if (knownWhat === 'repair' && from?.commit !== target.commit) return { fault: 'it repairs another version' }
  const steps = (value.steps as Fields[]).map((step) => stepOf(step, target))
  if (!steps.every((step) => step !== undefined)) return { fault: 'one of its steps is not known' }
  if (!ORDER.test(steps.map((step) => `${step.do} `).join('')))
    return { fault: 'no plan has these steps in this order' }
  if (!Number.isInteger(begun) || (begun as number) < 0 || (begun as number) > steps.length)
    return { fault: 'it has begun more steps than it has' }
  if (!(backup === null || isBackupId(backup))) return { fault: 'its backup is not valid' }
  if (!(instance === null || (typeof instance === 'string' && ID.test(instance))))
    return { fault: 'its bot instance is not valid' }
  const knownSupervisor = SUPERVISORS.find((kind) => kind === supervisor)
  if (knownSupervisor === undefined) return { fault: 'its supervisor is not known' }
  return {
    deployment: {
      id,
      what: knownWhat,
      target,
      from,
      steps,
      begun: begun as number,
      backup,
      instance,
      supervisor: knownSupervisor,
      since: textOf(since) ?? '',
      by: textOf(by) ?? '',
      back: textOf(back) ?? null,
      tolerated: Array.isArray(tolerated) ? tolerated.filter((one) => typeof one === 'string') : [],
      desiredStop: textOf(desiredStop) ?? null,
      proofBefore: textOf(proofBefore) ?? null,
      provenBy: textOf(provenBy),
    },
  }
}

function targetOf(value: unknown): Target | undefined {
  const { name, commit, tag, subfolder } = fieldsOf(value)
  if (!isReleaseName(name) || !isCommit(commit)) return undefined
  if (!(tag === null || typeof tag === 'string') || typeof subfolder !== 'string' || !isInside(subfolder))
    return undefined
  return { name, commit, tag, subfolder }
}

function pointerOf(value: unknown): Pointer | undefined {
  const { name, commit, subfolder } = fieldsOf(value)
  if (!isReleaseName(name) || !isCommit(commit)) return undefined
  if (subfolder === undefined) return { name, commit }
  return typeof subfolder === 'string' && isInside(subfolder) ? { name, commit, subfolder } : undefined
}

/** Parses a step. Of a program it takes only that one was run: earlier versions wrote down which. */
function stepOf(step: Fields, target: Target): RecordedStep | undefined {
  const { do: what, backup, secrets, to, unless, release } = step
  switch (what) {
    case 'backup':
    case 'export':
    case 'install':
    case 'check':
    case 'seal':
    case 'link':
    case 'prune':
      return { do: what }
    case 'wait': {
      const { seconds } = step
      return typeof seconds === 'number' && seconds > 0 && seconds <= LONGEST_WAIT_SECONDS
        ? { do: what, seconds }
        : undefined
    }
    case 'settings':
      return isBackupId(backup) && (secrets === 'of today' || secrets === 'of the backup')
        ? { do: what, backup, secrets }
        : undefined
    case 'snapshot': {
      const { paths } = step
      return Array.isArray(paths) && paths.length > 0 && paths.every(isDataPath) ? { do: what, paths } : undefined
    }
    case 'data':
      return isSnapshotId(step.snapshot) ? { do: what, snapshot: step.snapshot } : undefined
    case 'switch': {
      const pointer = pointerOf(to)
      const isTarget = pointer?.name === target.name && pointer.commit === target.commit
      return isTarget && (pointer.subfolder ?? '') === target.subfolder
        ? { do: what, to: pointerTo(target) }
        : undefined
    }
    case 'restart':
      return unless === null ? { do: what, unless } : undefined
    case 'gate':
      return release === target.name ? { do: what, release: target.name } : undefined
    default:
      return undefined
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
