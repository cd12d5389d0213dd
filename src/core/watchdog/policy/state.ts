import type { Announced } from '#core/health/announced/announced.js'
import type { Wait } from '#core/health/announced/safe-moment.js'
import type { Status } from '#core/health/status.js'
import type { Incident, Memory } from '#core/incidents/incident.js'
import type { ServiceState } from '#core/service/manager.js'
import type { Rules } from './rules.js'

/** The bot and its surroundings, as observed at one moment. */
export interface Observation {
  /** The bot's own answer; undefined for silence. */
  readonly status: Status | undefined
  /** Its process, as its supervisor reports it. */
  readonly process: ServiceState
  /** The exit code of a process that has failed, if that is known. */
  readonly exit: number | null
  /** True where somebody stopped it on purpose. */
  readonly stoppedOnPurpose: boolean
  /** True while a deployment is under way, by a process that is alive. */
  readonly deploying: boolean
  /** True while a person has paused the watchdog. */
  readonly paused: boolean
  /** True where anything outside can be reached, or nothing outside is known. */
  readonly online: boolean
  /** True where it takes more memory than BOT_MAX_RSS_MB. */
  readonly overMemory: boolean
  /** The memory that it takes, where that is more. */
  readonly memory?: Memory | undefined
  /** The signs that it is deaf, where only its process is watched; in words. */
  readonly signs?: readonly string[]
  /** The work that keeps the bot busy; undefined: none. */
  readonly busy?: Announced | undefined
  /** The time that the bot itself has said to take longer to start, from now on. */
  readonly startExtensionMs?: number
}

/** `wall` is wall time, in ms since 1970. */
export type Event =
  /** An observation that was just made; it took `tookMs` milliseconds. */
  | {
      readonly kind: 'observation'
      readonly observation: Observation
      readonly wall: number
      readonly tookMs: number
      readonly release?: State['release']
    }
  /**
   * An exit that nobody asked for. `isHeld` as in {@link State}, when it exited; undefined: as at the last observation.
   */
  | {
      readonly kind: 'exited'
      readonly exit: number | null
      readonly error?: string | undefined
      readonly wall: number
      readonly release?: State['release']
      readonly isHeld?: boolean | undefined
    }
  /** The moment before a restart, when the evidence is gathered. */
  | { readonly kind: 'restarting' }
  /** The end of a restart. `isRestarted`: the bot was stopped and started, whether it works now or not. */
  | { readonly kind: 'restarted'; readonly worked: boolean; readonly wall: number; readonly isRestarted?: boolean }

export type Effect =
  /** Sends the incident's alert, or edits it. */
  | { readonly do: 'alert'; readonly incident: Incident }
  /** Gathers evidence, restarts or starts the bot, and waits up to `startTimeoutMs` for a healthy answer. */
  | { readonly do: 'restart'; readonly incident: Incident }
  | { readonly do: 'observe'; readonly inMs: number }

/** The state of the policy between events. Times are monotonic, in milliseconds, where nothing else is said. */
export interface State {
  /** The last moment at which nothing was wrong. */
  readonly goodAt: number
  /** The time of the first of the unhealthy answers in a row. */
  readonly unhealthyAt: number | undefined
  /** The time since which it has failed, and its supervisor does not start it. */
  readonly downAt: number | undefined
  /** The time since which its supervisor is about to start it, as observed. */
  readonly restartingAt: number | undefined
  readonly overMemoryAt: number | undefined
  /** The wait of a restart for memory; undefined: none waits. */
  readonly memoryWait: Wait | undefined
  /** The end of the grace period in which silence is allowed. */
  readonly graceUntil: number
  /** The end of the longer start that the bot itself has announced: until then, or its exit, silence is allowed. */
  readonly extendedUntil: number
  /** The end of the grace period after a sleep of the machine, in which a missing cycle is allowed. */
  readonly resumeGraceUntil: number
  /**
   * True while the watchdog must leave it alone: it was stopped on purpose, a deployment is under way, or the watchdog is
   * paused.
   */
  readonly isHeld: boolean
  readonly isRestarting: boolean
  /** The times at which restarts began, oldest first; those of the last hour count. */
  readonly restarts: readonly number[]
  /** The last incident, also after its recovery: another exit may reopen it. */
  readonly incident: Incident | undefined
  /** The release that runs; null: the working tree. Undefined where that isn't known. */
  readonly release?: string | null | undefined
  /** The time at which the next observation is due, on both clocks. */
  readonly due: { readonly now: number; readonly wall: number } | undefined
}

export interface Step {
  readonly state: State
  readonly effects: readonly Effect[]
}

/**
 * Returns the state of a watchdog that begins, with what an earlier one has saved. Its bot may be in the middle of a
 * start.
 */
export function initialState(
  now: number,
  rules: Rules,
  saved: Partial<Pick<State, 'restarts' | 'incident'>> = {},
): State {
  return {
    goodAt: now,
    unhealthyAt: undefined,
    downAt: undefined,
    restartingAt: undefined,
    overMemoryAt: undefined,
    memoryWait: undefined,
    graceUntil: now + rules.startTimeoutMs,
    extendedUntil: now,
    resumeGraceUntil: now,
    isHeld: false,
    isRestarting: false,
    restarts: [],
    incident: undefined,
    due: undefined,
    ...saved,
  }
}
