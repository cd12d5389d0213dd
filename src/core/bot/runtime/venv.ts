import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { commandWords } from '#core/config/command-words.js'
import { exists, readText, realPath } from '#core/platform/fs/files.js'
import { kindAt } from '#core/platform/fs/links.js'
import { QUERY_TIMEOUT_MS, run } from '#core/platform/process/processes.js'
import type { User } from '#core/platform/process/users.js'
import type { Venv } from './runtime-fault.js'

/** A virtual environment, with the interpreter to ask where its version isn't known otherwise. */
export interface FoundVenv extends Venv {
  readonly interpreter: string
}

const CONFIG = 'pyvenv.cfg'
const LONGEST_CONFIG = 64 * 1024
/** The usual names of the folder. */
const USUAL = ['.venv', 'venv']

/**
 * Returns the virtual environments of a release: those in which a program of BOT_COMMAND lies, and those with a usual
 * name. `folder` is the one that the bot runs in.
 */
export function findVenvs(
  top: string,
  folder: string,
  command: string | undefined,
  platform: NodeJS.Platform = process.platform,
): FoundVenv[] {
  const named = foldersNamedIn(command ?? '').map((path) => resolve(folder, path))
  const usual = [folder, top].flatMap((one) => USUAL.map((name) => join(one, name)))
  const isOurs = (path: string) => path.startsWith(top + sep) && exists(join(path, CONFIG))
  return [...new Set([...named, ...usual])].filter(isOurs).map((path) => ({
    name: relative(top, path),
    isNamed: named.includes(path),
    ...readVenv(path, platform),
  }))
}

/** Returns the folders above `bin/` or `Scripts\` of all programs that a command names. */
export function foldersNamedIn(command: string): string[] {
  return commandWords(command).flatMap((word) => [...word.matchAll(PROGRAM)].map(([, folder]) => folder as string))
}

/** A program's path also within a word, as in `sh -c 'exec .venv/bin/python bot.py'`. */
const PROGRAM = /([^\s'"`=;&|(<>]+)[\\/](?:bin|Scripts)[\\/]/gi

function readVenv(path: string, platform: NodeJS.Platform): Omit<FoundVenv, 'name' | 'isNamed'> {
  const keys = keysOf(readText(join(path, CONFIG), LONGEST_CONFIG) ?? '')
  const interpreter = interpreterIn(path, platform)
  const real = realPath(interpreter)
  // a copy of the program needs the one that it was copied from, as each virtual environment on Windows does
  const base = real?.startsWith(`${realPath(path) ?? path}${sep}`) ? baseOf(real, keys, platform) : real
  return {
    built: minorOf(keys.get('version_info') ?? keys.get('version')),
    isThere: base !== undefined,
    now: base === undefined ? versionIn(successorOf(keys, platform)) : versionIn(base),
    interpreter,
  }
}

function interpreterIn(path: string, platform: NodeJS.Platform): string {
  if (platform === 'win32') return join(path, 'Scripts', 'python.exe')
  const [first, second] = ['python', 'python3'].map((name) => join(path, 'bin', name)) as [string, string]
  return kindAt(first) === undefined ? second : first
}

/** Returns the program that a copy was made from, if it is there. Where its place isn't known the copy itself will do. */
function baseOf(copy: string, keys: ReadonlyMap<string, string>, platform: NodeJS.Platform): string | undefined {
  const executable = keys.get('executable') ?? keys.get('base-executable')
  if (executable !== undefined) return realPath(executable)
  return keys.has('home') ? successorOf(keys, platform) : copy
}

/** Returns the interpreter that lies where that of the virtual environment was, as after an upgrade. */
function successorOf(keys: ReadonlyMap<string, string>, platform: NodeJS.Platform): string | undefined {
  const home = keys.get('home')
  if (home === undefined) return undefined
  const names = platform === 'win32' ? ['python.exe'] : ['python3', 'python']
  return names.map((name) => realPath(join(home, name))).find((one) => one !== undefined)
}

/** Reads `pyvenv.cfg`: a line `key = value` each. */
function keysOf(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(/\r?\n/).map((line) => /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line))
  return new Map(pairs.flatMap((pair) => (pair ? [[(pair[1] as string).toLowerCase(), pair[2] as string]] : [])))
}

function minorOf(version: string | undefined): string | undefined {
  return /^\d+\.\d+/.exec(version ?? '')?.[0]
}

/** Returns the version in a program's name (`python3.12`), or on Windows in that of its folder (`Python312`). */
export function versionIn(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  const inName = /(\d+\.\d+)[a-z]*(?:\.exe)?$/i.exec(basename(path))?.[1]
  if (inName !== undefined) return inName
  const [, major, minor] = /^python(\d)(\d+)(?:-(?:32|64|arm64))?$/i.exec(basename(dirname(path))) ?? []
  return major === undefined ? undefined : `${major}.${minor}`
}

/** Asks the interpreter for its version, where its name doesn't tell and it matters. */
export async function askVersion(venv: FoundVenv, as: User | undefined): Promise<FoundVenv> {
  if (!venv.isThere || venv.now !== undefined || venv.built === undefined) return venv
  const { PATH } = process.env
  const options = { timeoutMs: QUERY_TIMEOUT_MS, env: { PATH }, ...(as && { as }) }
  const { stdout, stderr } = await run(venv.interpreter, ['--version'], options)
  return { ...venv, now: minorOf(/Python (\S+)/.exec(`${stdout} ${stderr}`)?.[1]) }
}
