import { FULL_SCHEMA, readFullConfig } from '#bots/config.js'
import { printJson } from '#cli/screen.js'
import { meansStatus } from '#cli/status/plain-status.js'
import { printLines } from '#cli/status/print-lines.js'
import { statusLines } from '#cli/status/status-text.js'
import { showWait } from '#cli/wait-line.js'
import type { Condition } from '#core/condition/condition.js'
import { gather } from '#core/condition/gather.js'
import { exitCodeOf } from '#core/health/client.js'
import { Home } from '#core/home/home.js'
import { homePaths } from '#core/home/home-paths.js'
import { realClock } from '#core/platform/clock.js'
import { currentUser, ownerOf } from '#core/platform/process/users.js'
import { quickFlags, usualHome } from './line.js'
import { named } from './manifest.js'

/** Answers `status`, and a line without words that means it, as `health check` is answered: see ./health-check.ts. */
export async function quick(words: readonly string[]): Promise<boolean> {
  try {
    const flags = quickFlags(words.slice(1))
    if (flags === undefined) return false
    const home = usualHome(flags)
    if (home === undefined || ownerOf(home).uid !== currentUser().uid) return false
    const config = readFullConfig(home, process.env)
    const opened = new Home({ clock: realClock, paths: homePaths(home), config })
    const gathered = await showWait('Asking the bot', () => gather(opened))
    const condition = flags.home === undefined ? gathered : withHomeNamed(gathered, words)
    process.exitCode = exitCodeOf(condition.health.status)
    if (flags.json) printJson(condition)
    else printLines(statusLines(condition))
    return true
  } catch {
    return false
  }
}

/** Returns the condition with the home in the command to type. */
function withHomeNamed(condition: Condition, words: readonly string[]): Condition {
  const { next } = condition
  return next === null ? condition : { ...condition, next: { ...next, command: named(next.command, words) } }
}

/** Returns whether a line without words means `status`, and not help. */
export function isMeant(): boolean {
  const asked = { cwd: process.cwd(), named: process.env.CATALYST_HOME }
  return meansStatus([], asked, (name) => name in FULL_SCHEMA)
}
