import { dirname } from 'node:path'
import { withSetting } from '#core/config/env-edit.js'
import type { SettingName } from '#core/config/schema.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { homePaths } from '#core/home/home-paths.js'
import { realClock, sleep } from '#core/platform/clock.js'
import { exists, readText } from '#core/platform/fs/files.js'
import { makeFolder, removeFile, rewriteSecret, writeAtomically } from '#core/platform/fs/write-files.js'
import { failureText, type RunResult, run } from '#core/platform/process/processes.js'
import { tell } from '#core/platform/process/stderr.js'
import { actingAs, type User } from '#core/platform/process/users.js'
import { quoteWord } from '#core/text.js'
import { permissionDenied } from './rights.js'

/** One change to the system, as data: shown by `--dry-run`, carried out by {@link carryOut}. */
export type Action =
  /** A folder of the home, made as the home's owner. */
  | { readonly do: 'folder'; readonly path: string }
  | { readonly do: 'write'; readonly path: string; readonly text: string; readonly mode: number }
  | { readonly do: 'remove'; readonly path: string }
  /** A line of the home's `.env`, written as the home's owner. */
  | { readonly do: 'set'; readonly path: string; readonly name: SettingName; readonly value: string }
  | {
      readonly do: 'run'
      readonly argv: readonly [string, ...string[]]
      /** The arguments that are secrets: never shown. */
      readonly secret?: readonly string[]
      readonly env?: Readonly<Record<string, string>>
      /** True if the exit code says nothing: only the state that is read afterwards counts. */
      readonly unreliable?: boolean
      /** The file that it changes; without that file there is nothing to do. */
      readonly about?: string
      /** The consequence if it fails: the person is warned, and all else goes on. */
      readonly warning?: string
      /** The time for which it is retried while it fails: what it needs may only be coming up. */
      readonly retryMs?: number
      /** The exit codes that are worth a retry; without them, all. */
      readonly retryOn?: readonly number[]
      /** The time limit, if it is longer than usual. */
      readonly timeoutMs?: number
      /** The suggestions for a person who is not permitted to do it. */
      readonly otherwise?: readonly string[]
    }

/** An action that runs a program. */
export type RunAction = Extract<Action, { do: 'run' }>

/** The default time limit of one command. Stopping has its own, longer wait afterwards. */
const COMMAND_TIMEOUT_MS = 60_000
const RETRY_MS = 200

/**
 * Carries out one action after the other. Returns the errors of unreliable commands that failed: they may explain why
 * the state that is read afterwards isn't the desired one.
 * @throws CatalystError SERVICE_COMMAND_FAILED, NOT_ALLOWED
 */
export async function carryOut(actions: readonly Action[], owner: User): Promise<string[]> {
  const said: string[] = []
  for (const action of actions) said.push(...(await carryOutOne(action, owner)))
  return said
}

async function carryOutOne(action: Action, owner: User): Promise<string[]> {
  if (action.do === 'run') return carryOutRun(action)
  try {
    if (action.do === 'folder') actingAs(owner, () => makeFolder(action.path))
    else if (action.do === 'set') actingAs(owner, () => putSetting(action.path, action.name, action.value))
    else if (action.do === 'write') writeAtomically(action.path, action.text, action.mode)
    else removeFile(action.path)
    return []
  } catch (error) {
    throw failed(action, messageOf(error))
  }
}

async function carryOutRun(action: RunAction): Promise<string[]> {
  if (action.about !== undefined && !exists(action.about)) return []
  const result = await runWithRetries(action)
  if (result.exit === 0) return []
  const said = failureText(result)
  if (action.otherwise !== undefined) throw permissionDenied(`This failed: ${shown(action)}\n${said}`, action.otherwise)
  if (action.warning !== undefined) tell(`${action.warning}: ${said}`)
  else if (action.unreliable) return [said]
  else throw failed(action, said)
  return []
}

async function runWithRetries(action: RunAction): Promise<RunResult> {
  const { argv, env, timeoutMs = COMMAND_TIMEOUT_MS, retryMs = 0, retryOn } = action
  const [program, ...args] = argv
  const until = realClock.monotonic() + retryMs
  for (;;) {
    const result = await run(program, args, { timeoutMs, env: { ...process.env, ...env } })
    const mayHelp = retryOn === undefined || (result.exit !== undefined && retryOn.includes(result.exit))
    if (result.exit === 0 || !mayHelp || realClock.monotonic() >= until) return result
    await sleep(realClock, RETRY_MS)
  }
}

function putSetting(link: string, name: string, value: string): void {
  rewriteSecret(link, withSetting(readText(link) ?? '', name, value), homePaths(dirname(link)).own)
}

function failed(action: Action, why: string): CatalystError {
  return new CatalystError(`This failed: ${shown(action).split('\n', 1)[0]}\n${why}`, {
    code: 'SERVICE_COMMAND_FAILED',
    exit: EXIT.failed,
    suggestions: ['What was done before stays. Run the same command again to continue.'],
  })
}

/** Shows the action as a person would write or type it, on that platform. */
export function shownOn(platform: NodeJS.Platform, action: Action): string {
  if (action.do === 'set') return `set ${action.name}=${action.value} in ${action.path}`
  if (action.do === 'folder') return `make the folder ${action.path}`
  if (action.do === 'remove') return `remove ${action.path}`
  if (action.do === 'write') return `write ${action.path}\n${action.text.replace(/^(?=.)/gm, '    ').trimEnd()}`
  const { env = {}, argv, secret = [] } = action
  const words = [...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...argv]
  return `run ${words.map((word) => (secret.includes(word) ? '********' : quoteWord(word, platform))).join(' ')}`
}

export function shown(action: Action): string {
  return shownOn(process.platform, action)
}
