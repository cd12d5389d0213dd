import { posix, win32 } from 'node:path'
import { exists, isFolder } from '#core/platform/fs/files.js'
import { isExecutable } from '#core/platform/fs/permissions.js'
import { isOwnNode } from '#core/platform/package.js'
import { firstLineOf } from './shebang.js'

/** The reasons why a program can't be started, by the system's code. */
export const WHY_NOT_STARTED: Readonly<Record<string, string>> = {
  ENOENT: 'no such program',
  EACCES: 'permission to execute it is denied',
  ENOTDIR: 'no such program',
  ENOEXEC: 'it is no program',
  EINVAL: 'Windows starts a .cmd or .bat only through a shell',
}

/** A setting that names a program of the bot. */
export type CommandSetting = 'BOT_COMMAND' | 'BOT_STOP_COMMAND' | 'BOT_HEALTH_COMMAND'

/** Returns the message that a command can't be started, which is the same in a check and at the start. */
export function notStartedText(
  program: string,
  folder: string,
  why: string,
  setting: CommandSetting = 'BOT_COMMAND',
): string {
  return `${setting}: ${program} can't be started in ${folder}: ${why}.`
}

/** Returns what to do about that. `ownNode`: the node that runs this is Catalyst's own. */
export function remedyOf(
  code: string,
  program: string,
  { setting = 'BOT_COMMAND', ownNode = isOwnNode() }: { setting?: CommandSetting; ownNode?: boolean } = {},
): string {
  if (code === 'EINVAL') return `Name the program itself in ${setting}: node bot.js instead of npm start.`
  return ownNode && /^(node|npm|npx)$/.test(program)
    ? `Catalyst's node is its own, without npm: install Node.js for the bot, or write the whole path of one in ${setting}.`
    : `Correct ${setting} in .env.`
}

interface Where {
  readonly folder: string
  /** The PATH that it would have. */
  readonly path: string | undefined
  readonly platform: NodeJS.Platform
}

/**
 * Returns the code with which the system would refuse to start a program, as {@link WHY_NOT_STARTED} explains it, or
 * undefined where it is there. It looks where execvp(3) does, and on Windows where libuv does: a name without an ending
 * is a .com or an .exe there, and nothing else that PATHEXT may name.
 */
export function refusalOf(program: string, where: Where): string | undefined {
  return where.platform === 'win32' ? windowsRefusal(program, where) : posixRefusal(program, where)
}

const DEFAULT_PATH = '/usr/local/bin:/bin:/usr/bin'

function posixRefusal(program: string, { folder, path = DEFAULT_PATH }: Where): string | undefined {
  if (program.includes('/')) return fileRefusal(posix.resolve(folder, program))
  const found = path.split(':').map((entry) => fileRefusal(posix.resolve(folder, entry, program)))
  if (found.includes(undefined)) return undefined
  return found.find((code) => code !== 'ENOENT') ?? 'ENOENT'
}

function fileRefusal(path: string): string | undefined {
  if (!exists(path)) return 'ENOENT'
  if (isFolder(path) || !isExecutable(path)) return 'EACCES'
  // a script whose interpreter is gone, as of a virtual environment that was moved
  const interpreter = /^#![ \t]*(\/\S+)/.exec(firstLineOf(path))?.[1]
  return interpreter !== undefined && !exists(interpreter) ? 'ENOENT' : undefined
}

/** Returns {@link refusalOf} on Windows. */
export function windowsRefusal(
  program: string,
  { folder, path = '' }: Omit<Where, 'platform'>,
  isFile = (file: string) => exists(file) && !isFolder(file),
): string | undefined {
  const folders = /[\\/]/.test(program) ? [folder] : [folder, ...path.split(';').filter((entry) => entry !== '')]
  const isThere = (result: string) => folders.some((one) => isFile(win32.resolve(folder, one, program) + result))
  if (/\.(cmd|bat)$/i.test(program)) return isThere('') ? 'EINVAL' : 'ENOENT'
  if ((/\.\w+$/.test(program) && isThere('')) || isThere('.com') || isThere('.exe')) return undefined
  return isThere('.cmd') || isThere('.bat') ? 'EINVAL' : 'ENOENT'
}
