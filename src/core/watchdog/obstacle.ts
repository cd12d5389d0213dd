import { EXIT, isNoRoom, NOT_RETRIED, writeFault } from '#core/errors.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { pauseOf, pauseText } from '#core/home/pause.js'
import { changedAt } from '#core/platform/fs/files.js'
import { whyNotWritable } from '#core/platform/fs/permissions.js'

/** A reason for which another start of the bot would probably fail, and the moment from which it would not. */
export interface Obstacle {
  readonly what: string
  /** The end of the obstacle in words, such as 'there is room'. */
  readonly until: string
  /** True where every start before that would fail. */
  readonly isSure: boolean
  /** True where nothing is started before that, however long it takes. */
  readonly isHold?: boolean
  readonly isGone: () => boolean
}

/** Returns what prevents the next start of a bot that exited with this code, if anything is known to. */
export function obstacleAfter(paths: HomePaths, exit: number | null): Obstacle | undefined {
  const isRefused = exit !== null && NOT_RETRIED.includes(exit)
  const why = whyNoHome(paths)
  if (why !== undefined) {
    return {
      what: `the home can't be written to: ${writeFault(why, paths.home)}`,
      until: isNoRoom(why) ? 'there is room' : 'it can be written to',
      isSure: isRefused,
      isGone: () => whyNoHome(paths) === undefined,
    }
  }
  if (!isRefused) return undefined
  const before = changeOf(paths.env)
  return {
    what:
      exit === EXIT.settings
        ? 'another start does not help before its settings are corrected (catalyst config check)'
        : 'another start does not help before it has the permissions that it lacks (catalyst logs)',
    until: '.env was changed',
    isSure: true,
    isGone: () => changeOf(paths.env) !== before,
  }
}

/** Returns the pause of the watchdog as what holds the next start; undefined where it is not paused. */
export function pauseAsObstacle(paths: HomePaths, now: () => number): Obstacle | undefined {
  const pause = pauseOf(paths, now())
  if (pause === undefined) return undefined
  return {
    what: `the watchdog is ${pauseText(pause)}`,
    until: 'the pause is over',
    isSure: true,
    isHold: true,
    isGone: () => pauseOf(paths, now()) === undefined,
  }
}

function whyNoHome({ state, data }: HomePaths): Error | undefined {
  return whyNotWritable(state) ?? whyNotWritable(data)
}

function changeOf(path: string): number | undefined {
  try {
    return changedAt(path)
  } catch {
    return undefined // not readable for us
  }
}
