import { dirname } from 'node:path'
import { withSetting } from '#core/config/env-edit.js'
import type { SettingName } from '#core/config/schema.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { homePaths } from '#core/state/home-paths.js'
import { realClock, sleep } from '#core/system/clock.js'
import { exists, makeFolder, readText, removeFile, rewriteSecret, writeAtomically } from '#core/system/files.js'
import { type RunResult, run, saidBy } from '#core/system/processes.js'
import { tell } from '#core/system/stderr.js'
import { actingAs, type User } from '#core/system/users.js'
import { quoteWord } from '#core/text.js'
import { noRight } from './rights.js'

/** One thing to be done to the system, as data: shown by `--dry-run`, carried out by {@link carryOut}. */
export type Action =
  /** A folder of the home: made as the home's owner. */
  | { readonly do: 'folder'; readonly path: string }
  | { readonly do: 'write'; readonly path: string; readonly text: string; readonly mode: number }
  | { readonly do: 'remove'; readonly path: string }
  /** A line of the home's `.env`: written as the home's owner. */
  | { readonly do: 'set'; readonly path: string; readonly name: SettingName; readonly value: string }
  | {
      readonly do: 'run'
      readonly argv: readonly [string, ...string[]]
      /** Of the arguments, those that are secrets: never shown. */
      readonly secret?: readonly string[]
      readonly env?: Readonly<Record<string, string>>
      /** Its exit code says nothing: only the state that is asked for afterwards counts. */
      readonly unreliable?: boolean
      /** What it changes: where that file isn't there, there is nothing to do. */
      readonly about?: string
      /** What is then so, where it fails: the person hears it, and all else goes on. */
      readonly warning?: string
      /** For how long it is tried again while it fails: what it needs may only be coming up. */
      readonly retryMs?: number
      /** The exit codes after which trying again helps; without them, all. */
      readonly retryOn?: readonly number[]
      /** How long it may take, where that is longer than most. */
      readonly timeoutMs?: number
      /** What who may not do it is told to do instead. */
      readonly otherwise?: readonly string[]
    }

/** A program that is run. */
export type RunAction = Extract<Action, { do: 'run' }>

/** Longest that one command may take. Stopping has its own, longer wait afterwards. */
const COMMAND_TIMEOUT_MS = 60_000
const RETRY_MS = 200

/**
 * Does one thing after the other. The answer is what unreliable commands said that failed: it may be why the state that
 * is asked for afterwards isn't the one that was wanted.
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
  const result = await runPatiently(action)
  if (result.exit === 0) return []
  const said = saidBy(result)
  if (action.otherwise !== undefined) throw noRight(`This failed: ${shown(action)}\n${said}`, action.otherwise)
  if (action.warning !== undefined) tell(`${action.warning}: ${said}`)
  else if (action.unreliable) return [said]
  else throw failed(action, said)
  return []
}

async function runPatiently(action: RunAction): Promise<RunResult> {
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
    suggestions: ['What was done before stands; the same command again goes on from there.'],
  })
}

/** The action as a person would write or type it, on that platform. */
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
