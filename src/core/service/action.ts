import { withSetting } from '#core/config/env-edit.js'
import type { SettingName } from '#core/config/schema.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { realClock, sleep } from '#core/system/clock.js'
import { makeFolder, modeOf, OWNER_ONLY, readText, realPath, removeFile, writeAtomically } from '#core/system/files.js'
import { type RunResult, run } from '#core/system/processes.js'
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
      /** For how long it is tried again while it fails: what it needs may only be coming up. */
      readonly retryMs?: number
      /** The exit codes after which trying again helps; without them, all. */
      readonly retryOn?: readonly number[]
      /** How long it may take, where that is longer than most. */
      readonly timeoutMs?: number
      /** What who may not do it is told to do instead. */
      readonly otherwise?: readonly string[]
    }

/** Longest that one command may take. Stopping has its own, longer wait afterwards. */
const COMMAND_TIMEOUT_MS = 60_000
const RETRY_MS = 200

/** Does one thing after the other. @throws CatalystError SERVICE_COMMAND_FAILED, NOT_ALLOWED */
export async function carryOut(actions: readonly Action[], owner: User): Promise<void> {
  for (const action of actions) await carryOutOne(action, owner)
}

async function carryOutOne(action: Action, owner: User): Promise<void> {
  try {
    if (action.do === 'folder') return actingAs(owner, () => makeFolder(action.path))
    if (action.do === 'set') return actingAs(owner, () => putSetting(action.path, action.name, action.value))
    if (action.do === 'write') return writeAtomically(action.path, action.text, action.mode)
    if (action.do === 'remove') return removeFile(action.path)
  } catch (error) {
    throw failed(action, messageOf(error))
  }
  const result = await runPatiently(action)
  if (result.exit === 0) return
  if (action.otherwise !== undefined)
    throw noRight(`This failed: ${shown(action)}\n${saidBy(result)}`, action.otherwise)
  if (action.unreliable) return
  throw failed(action, saidBy(result))
}

type Run = Extract<Action, { do: 'run' }>

async function runPatiently(action: Run): Promise<RunResult> {
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
  const path = realPath(link) ?? link // an .env may be a link to a shared one
  writeAtomically(path, withSetting(readText(path) ?? '', name, value), modeOf(path) ?? OWNER_ONLY)
}

function saidBy({ exit, failure, stderr, stdout }: RunResult): string {
  return (stderr.trim() || stdout.trim() || failure) ?? `exit code ${exit}`
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
