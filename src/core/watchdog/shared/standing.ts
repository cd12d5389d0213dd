import type { Config } from '#core/config/load.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { readInstalled } from '#core/home/installed-services.js'
import type { ProcessId } from '#core/platform/process/process-id.js'
import { whyNotByRoot } from '#core/platform/process/trust.js'
import { blindWatchdog } from '#core/watchdog/switches.js'

/** How a home stands with the shared watchdog. */
export interface Standing {
  /** `left`: alone, on purpose. `failing`: it can't be watched, though it should be. `gone`: it is not there. */
  readonly state: 'watched' | 'left' | 'failing' | 'gone'
  /** Why it is not watched; null where it is. */
  readonly why: string | null
}

/** What decides whether a home is watched. */
export interface HomeFacts {
  /** Why this user must not run what the home names. */
  readonly refusal: string | undefined
  /** The service of a watchdog of its own. */
  readonly ownService: string | undefined
  /** True where WATCHDOG_ENABLED is. */
  readonly isEnabled: boolean
  /** Why its bot could not be observed. */
  readonly blind: string | undefined
  /** The faults of its settings. */
  readonly faults: readonly string[]
}

export const WATCHED: Standing = { state: 'watched', why: null }

/** Returns how a home stands that is there. */
export function standingOf({ refusal, ownService, isEnabled, blind, faults }: HomeFacts): Standing {
  if (refusal !== undefined) return { state: 'left', why: refusal }
  if (ownService !== undefined) return { state: 'left', why: `it has a watchdog of its own, the service ${ownService}` }
  if (faults.length > 0) return { state: 'failing', why: `its settings have faults: ${faults.join('; ')}` }
  if (!isEnabled) return { state: 'left', why: 'WATCHDOG_ENABLED is off in its .env' }
  if (blind !== undefined) return { state: 'failing', why: blind }
  return WATCHED
}

/** Returns how a home stands that is watched already: by another watchdog, or by this one, under another path. */
export function standingBeside(holder: ProcessId | undefined): Standing {
  if (holder?.pid === process.pid)
    return { state: 'left', why: 'it is registered by another path, too, and watched there' }
  return { state: 'left', why: `another watchdog watches it: pid ${holder?.pid ?? 'unknown'}` }
}

/**
 * Returns the paths of which a home that is there has at least one. Its own folder is none of them: a bot that goes on
 * makes that anew where its home was removed or moved away.
 */
export function marksOf({ env, services }: HomePaths): string[] {
  return [env, services]
}

/** Reads what {@link standingOf} judges, of a home with these settings. */
export function readFacts(paths: HomePaths, { settings, faults }: Config): HomeFacts {
  return {
    refusal: whyNotByRoot(paths.home),
    ownService: readInstalled(paths).watchdog?.name,
    isEnabled: settings.WATCHDOG_ENABLED,
    blind: blindWatchdog(settings)?.message,
    faults,
  }
}

/** Returns what is said of a home once it stands otherwise than before; undefined where that is nothing to tell. */
export function standingText(home: string, { state, why }: Standing, before: Standing | undefined): string | undefined {
  switch (state) {
    case 'watched':
      return before === undefined ? undefined : `${home} is watched`
    case 'left':
      return `${home} is left alone: ${why}`
    case 'failing':
      return `${home} can't be watched: ${why}`
    case 'gone':
      return `${home} is gone; it is watched again once it is back`
  }
}
