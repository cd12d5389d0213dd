import type { BackupFacts } from '#core/backup/backup-facts.js'
import type { StartWait } from '#core/bot/starts/current-wait.js'
import type { ChannelName } from '#core/config/alerts/channel-names.js'
import type { KnownVersion, Versions } from '#core/deploy/versions.js'
import type { Announced } from '#core/health/announced/announced.js'
import type { Health } from '#core/health/client.js'
import type { Pause } from '#core/home/pause.js'
import type { LastExit } from '#core/service/status/last-exit.js'
import type { ServiceStatus } from '#core/service/status/status.js'
import type { WatchdogStatus } from '#core/watchdog/status.js'

/** The condition of a bot, with all that surrounds it: the output of `status --json`. Times are RFC 3339, in UTC. */
export interface Condition {
  readonly time: string
  readonly home: string
  readonly name: string
  /** The bot's health, as `health check` tells it. */
  readonly health: {
    readonly status: Health['status']
    readonly reasons: readonly string[]
    /** The time since which the status is the same; null where that isn't known. */
    readonly since: string | null
  }
  /** The faults of the settings; none where they are in order. */
  readonly settings_faults: readonly string[]
  /** The bot's process; null where none runs, or that can't be told. */
  readonly process: { readonly pid: number; readonly since: string; readonly release: string | null } | null
  /** The figures of the bot's work, as it tells them itself; null where it gives no answer. */
  readonly work: Work | null
  /** The delay of the start of a bot that is up; null where nothing delays it. */
  readonly waits: StartWait | null
  /** The person who stopped it on purpose, and when. */
  readonly stopped_by: { readonly by: string; readonly at: string } | null
  /** The last exit, of a bot that does not run. `at` is null where nobody has seen it. */
  readonly last_exit: LastSeenExit | null
  /** The services of the home, as `service status` tells them; empty where none is installed, null where it can't be told. */
  readonly services: readonly ServiceFacts[] | null
  /** The watchdog, as `watchdog status` tells it; null where it can't be told. */
  readonly watchdog: WatchdogFacts | null
  /** The pause of the watchdog, as for maintenance; null where it is not paused. */
  readonly paused: Pause | null
  /** The versions, as `deploy info` tells them; null where they can't be told. */
  readonly release: ReleaseFacts | null
  /** The backups; null where none are set up, or that can't be told. */
  readonly backups: BackupFacts | null
  /** The alerts that an alert channel has not taken; null where reading them is not permitted. */
  readonly failing_alerts: readonly FailingAlert[] | null
  /** The last things that happened, oldest first; null where they can't be told. */
  readonly events: readonly { readonly time: string; readonly kind: string; readonly text: string }[] | null
  /** The parts that could not be had, in words. */
  readonly missing: readonly Missing[]
  /** The one command to type next; null where nothing is wrong. */
  readonly next: NextCommand | null
}

/** The one command to type next. */
export interface NextCommand {
  readonly command: string
  /** Its purpose, to follow "To": `see what went wrong`. */
  readonly purpose: string
}

/** A condition before it is decided what to type. */
export type Situation = Omit<Condition, 'next'>

/** An exit of the bot; of one that was killed nobody may have seen when. */
export type LastSeenExit = Omit<LastExit, 'at'> & { readonly at: string | null }

/** The figures of a bot's work. */
export interface Work {
  readonly last_cycle_seconds_ago: number | null
  readonly cycles_today: number
  readonly errors_last_hour: number
  /** The memory of the catalyst process. */
  readonly memory_bytes: number
  readonly uptime_seconds: number
  /** The signals that must all be fresh, with commas between; `process` without any. */
  readonly proof: string
  readonly busy: Announced | null
  readonly starting: Announced | null
}

export type ServiceFacts = Pick<
  ServiceStatus,
  'name' | 'role' | 'manager' | 'scope' | 'state' | 'words' | 'pid' | 'since' | 'restarts' | 'automatic' | 'warnings'
>

export type WatchdogFacts = Pick<
  WatchdogStatus,
  | 'running'
  | 'enabled'
  | 'pid'
  | 'shared'
  | 'last_check'
  | 'late'
  | 'next_check'
  | 'restarts_used'
  | 'restarts_left'
  | 'next_restart'
> & { readonly incident: IncidentFacts | null }

/** The watchdog's last incident, while it is open. */
type IncidentFacts = Pick<
  NonNullable<WatchdogStatus['incident']>,
  'name' | 'since' | 'why' | 'state' | 'ends' | 'attention'
>

/** The versions; `active` is null where the bot runs in the working tree. */
export type ReleaseFacts = Pick<Versions, 'since' | 'bakes_until' | 'runtime_fault' | 'unfinished'> &
  Readonly<Record<'active' | 'previous' | 'last_good', VersionFacts | null>>

export type VersionFacts = Pick<KnownVersion, 'release' | 'tag' | 'rating' | 'reason'>

/** An alert that was not delivered. */
export interface FailingAlert {
  /** The alert channel; null where no sender has taken it yet. */
  readonly channel: ChannelName | null
  readonly state: 'waiting' | 'given_up'
  readonly title: string
  readonly since: string
  /** The number of failed tries; null for one that was given up. */
  readonly tries: number | null
  readonly why: string
}

/** A part that could not be had. */
export interface Missing {
  readonly part: Part
  readonly why: string
  readonly not_permitted: boolean
}

export type Part = 'health' | 'process' | 'services' | 'watchdog' | 'release' | 'backups' | 'events'
