import type { SimpleGit, SimpleGitOptions } from 'simple-git'
import { messageOf } from '#core/errors.js'
import type { User } from '#core/system/users.js'

/** git in one folder, as the folder's owner, never asking anybody anything. */
export interface Git {
  /**
   * Runs git with these words; what it printed comes back.
   * @throws GitError
   */
  run(...words: readonly string[]): Promise<string>
  /** The same, but undefined where git says no. */
  ask(...words: readonly string[]): Promise<string | undefined>
}

export interface GitOptions {
  readonly folder: string
  readonly owner: User
  /** An index of its own, instead of the repository's. */
  readonly index?: string
  readonly signal?: AbortSignal
  /** A remote that says nothing for this long is given up, in milliseconds. */
  readonly silenceMs?: number
}

/** What git said when it failed. */
export class GitError extends Error {
  override readonly name = 'GitError'
}

const SILENCE_MS = 60_000

/** What no repository may bring along: its hooks, and programs that its files are piped through, would run here. */
const SAFE = ['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'advice.detachedHead=false']

/** Never a prompt, wherever the question would come up. */
const SILENT = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: 'true',
  SSH_ASKPASS: 'true',
  SSH_ASKPASS_REQUIRE: 'never',
  GCM_INTERACTIVE: 'never',
  GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
  LC_ALL: 'C',
}

export async function openGit({ folder, owner, index, signal, silenceMs = SILENCE_MS }: GitOptions): Promise<Git> {
  const { simpleGit } = await import('simple-git')
  const options: Partial<SimpleGitOptions> = {
    baseDir: folder,
    config: SAFE,
    timeout: { block: silenceMs },
    // by itself it takes a failure without a word for success
    errors: (error, { exitCode, stdErr }) =>
      error ?? (exitCode === 0 ? undefined : new Error(Buffer.concat(stdErr).toString() || `exit code ${exitCode}`)),
    completion: { onClose: true, onExit: false }, // else it waits 50 ms for what may still be printed
    allowEnvironment: [...Object.keys(SILENT), 'GIT_INDEX_FILE'],
    unsafe: {
      allowUnsafeHooksPath: true,
      allowUnsafeSshCommand: true,
      allowUnsafeAskPass: true,
      allowUnsafeFsMonitor: true,
    },
    ...(signal && { abort: signal }),
    ...(process.geteuid?.() === 0 && { spawnOptions: { uid: owner.uid, gid: owner.gid } }),
  }
  const git: SimpleGit = simpleGit(options).env({
    ...ambient(owner),
    ...SILENT,
    ...(index !== undefined && { GIT_INDEX_FILE: index }),
  })
  const run = async (...words: readonly string[]) => {
    try {
      return await git.raw([...words])
    } catch (error) {
      throw new GitError(messageOf(error).trim(), { cause: error })
    }
  }
  return { run, ask: (...words) => run(...words).catch(() => undefined) }
}

/** What git needs of the environment: programs, settings and keys of the user, proxies. git's own words stay out. */
function ambient({ folder }: User): Record<string, string> {
  const passed = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && PASSED_ON.test(entry[0]),
  )
  const home = process.geteuid?.() === 0 ? { HOME: folder } : {}
  return { ...Object.fromEntries(passed), ...home }
}

const PASSED_ON =
  /^(PATH|HOME|USER|LOGNAME|TMPDIR|TEMP|TMP|XDG_CONFIG_HOME|SSH_AUTH_SOCK|(https?|all|no)_proxy|SystemRoot|ComSpec|PATHEXT|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|PROGRAMDATA|SSL_CERT_(FILE|DIR))$/i
