import { readFullConfig } from '#bots/config.js'
import { healthText } from '#cli/health/health-text.js'
import { print, printJson } from '#cli/screen.js'
import { askHealth, exitCodeOf } from '#core/health/client.js'
import { homePaths } from '#core/home/home-paths.js'
import { actingAs, ownerOf } from '#core/platform/process/users.js'
import { quickFlags, usualHome } from './line.js'

/**
 * Answers `health check` without oclif around it: see docs/decisions/2026-11-29-fast-lane.md. Returns false where it has
 * done nothing: whatever is unusual, from a flag to a fault in the settings, is left to the command itself, which says
 * the same in the usual cases.
 */
export async function quick(words: readonly string[]): Promise<boolean> {
  try {
    const flags = quickFlags(words.slice(2))
    const home = flags && usualHome(flags)
    if (home === undefined) return false
    const { settings, faults } = actingAs(ownerOf(home), () => readFullConfig(home, process.env))
    if (faults.length > 0) return false
    const health = await askHealth(homePaths(home), settings)
    process.exitCode = exitCodeOf(health.status)
    if (flags?.json) printJson(health)
    else print(healthText(health))
    return true
  } catch {
    return false // the command itself says what is wrong
  }
}
