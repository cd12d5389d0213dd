import { FULL_SCHEMA, readFullConfig } from '#bots/config.js'
import { consoleDrained } from '#cli/console.js'
import { healthText } from '#cli/health/health-text.js'
import { print, printJson } from '#cli/screen.js'
import { meansStatus } from '#cli/status/plain-status.js'
import { printLines } from '#cli/status/print-lines.js'
import { findHome, nearestHome } from '#core/config/home.js'
import { askHealth, exitCodeOf } from '#core/health/client.js'
import { Home } from '#core/home/home.js'
import { homePaths } from '#core/home/home-paths.js'
import { realClock } from '#core/platform/clock.js'
import { realPath } from '#core/platform/fs/files.js'
import { currentUser, ownerOf } from '#core/platform/process/users.js'

/** The command lines that are answered here. */
interface QuickLine {
  readonly command: 'health check' | 'status'
  readonly home: string | undefined
  readonly json: boolean
}

/**
 * Answers the command lines that scripts run in loops, `health check` and `status`, without oclif around them: see
 * docs/decisions/2026-11-29-fast-lane.md. Returns false where it has done nothing: whatever is unusual, from a flag to a
 * fault in the settings, is left to the command itself, which says the same in the usual cases.
 */
export async function quick(words: readonly string[]): Promise<boolean> {
  try {
    const line = quickLine(words)
    const home = line && usualHome(line.home)
    if (line === undefined || home === undefined) return false
    const isDone = await (line.command === 'status' ? showStatus(home, line) : showHealth(home, line))
    if (isDone) await consoleDrained(realClock)
    return isDone
  } catch {
    return false // the command itself says what is wrong
  }
}

/** Reads a command line with nothing but `--json` and `--home` in it; undefined for any other. */
export function quickLine(words: readonly string[]): QuickLine | undefined {
  const cwd = process.cwd()
  const isStatus = meansStatus(words, { cwd, named: process.env.CATALYST_HOME }, (name) => name in FULL_SCHEMA)
  const command = isStatus ? 'status' : (['health check', 'status'] as const).find((one) => starts(words, one))
  if (command === undefined) return undefined
  let home: string | undefined
  let json = false
  const flags = words.slice(isStatus ? 0 : command.split(' ').length)
  for (let index = 0; index < flags.length; index++) {
    const word = flags[index] as string
    if (word === '--json' && !json) json = true
    else if (word === '--home' && home === undefined && flags[index + 1] !== undefined) home = flags[++index]
    else if (word.startsWith('--home=') && home === undefined) home = word.slice('--home='.length)
    else return undefined
  }
  return home?.startsWith('-') ? undefined : { command, home, json }
}

function starts(words: readonly string[], command: string): boolean {
  return command.split(' ').every((word, index) => words[index] === word)
}

/** Returns the home, where it is its user's own and there is nothing to be said about how it was found. */
function usualHome(flag: string | undefined): string | undefined {
  const { CATALYST_HOME: environment } = process.env
  const { home, by, passedOver, unfit } = findHome({ flag, environment, cwd: process.cwd() })
  if (by === 'nothing' || passedOver.length > 0 || unfit !== undefined) return undefined
  if (ownerOf(home).uid !== currentUser().uid) return undefined
  if (by !== 'CATALYST_HOME') return home
  const here = nearestHome(process.cwd())
  return here.by === 'nothing' || realPath(here.home) === realPath(home) ? home : undefined
}

async function showHealth(home: string, { json }: QuickLine): Promise<boolean> {
  const { settings, faults } = readFullConfig(home, process.env)
  if (faults.length > 0) return false
  const health = await askHealth(homePaths(home), settings)
  process.exitCode = exitCodeOf(health.status)
  if (json) printJson(health)
  else print(healthText(health))
  return true
}

async function showStatus(home: string, { json, home: named }: QuickLine): Promise<boolean> {
  const { gather } = await import('#core/condition/gather.js')
  const { statusLines } = await import('#cli/status/status-text.js')
  const config = readFullConfig(home, process.env)
  const condition = await gather(new Home({ clock: realClock, paths: homePaths(home), config }))
  if (condition.next !== null && named !== undefined) return false // it names the home in what is to be typed
  process.exitCode = exitCodeOf(condition.health.status)
  if (json) printJson(condition)
  else printLines(statusLines(condition))
  return true
}
