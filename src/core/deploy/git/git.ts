import type { SimpleGit, SimpleGitOptions } from 'simple-git'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { isRoot, type User } from '#core/platform/process/users.js'
import { ambientFor } from './ambient.js'

/** A git that runs in one folder, as the folder's owner, and never prompts. */
export interface Git {
  /**
   * Runs git with these arguments, and returns what it printed.
   * @throws GitError, CatalystError DEPLOY_CANCELLED
   */
  run(...words: readonly string[]): Promise<string>
  /** Does as {@link run}, but returns undefined where git fails. */
  ask(...words: readonly string[]): Promise<string | undefined>
  /** Returns a git that talks to a remote, with the ssh that the repository is configured to use. */
  forRemote(): Promise<Git>
}

/** The options of {@link openGit}. */
export interface GitOptions {
  readonly folder: string
  readonly owner: User
  /** The repository that the folder is to be a work tree of, with an index of its own. */
  readonly treeOf?: { readonly store: string; readonly index: string }
  /** More variables for its environment. */
  readonly more?: Readonly<Record<string, string>>
  /** True if it talks to a remote, through helpers that may outlive it. */
  readonly remote?: boolean
  /** The command that is run as ssh. */
  readonly ssh?: string
  readonly signal?: AbortSignal
  /** The time after which a silent remote is given up, in milliseconds. */
  readonly silenceMs?: number
}

/** The error of a git that failed, with its message. */
export class GitError extends Error {
  override readonly name = 'GitError'
}

const SILENCE_MS = 60_000
/** The time within which the last output of git comes after its exit. */
const LAST_WORDS_MS = 1000

/**
 * Settings that a repository must not bring along: its hooks would run here. Filters are the owner's own; git-lfs is
 * one.
 */
const SAFE = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.sparseCheckout=false', // a release has all of its commit
  'core.longpaths=true', // on Windows a release lies deeper than the home
  'gc.auto=0', // a process that it starts would outlive us
  'maintenance.auto=false',
]

const SSH_OPTIONS = '-o BatchMode=yes -o ConnectTimeout=30 -o ServerAliveInterval=15'

/** Variables that switch off each kind of prompt. */
const SILENT = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: 'true',
  SSH_ASKPASS: 'true',
  SSH_ASKPASS_REQUIRE: 'never',
  GCM_INTERACTIVE: 'never',
  LC_ALL: 'C',
}

/** Returns a git for a folder. */
export async function openGit(asked: GitOptions): Promise<Git> {
  const { folder, owner, treeOf, more, remote = false, ssh = 'ssh', signal, silenceMs = SILENCE_MS } = asked
  const { simpleGit } = await import('simple-git')
  const options: Partial<SimpleGitOptions> = {
    baseDir: folder,
    config: [...SAFE, 'http.lowSpeedLimit=1', `http.lowSpeedTime=${Math.max(1, Math.ceil(silenceMs / 1000))}`],
    // what writes files says nothing meanwhile
    ...(treeOf === undefined && { timeout: { block: silenceMs } }),
    // by itself it takes a failure without a word for success
    errors: (error, { exitCode, stdErr }) =>
      error ?? (exitCode === 0 ? undefined : new Error(Buffer.concat(stdErr).toString() || `exit code ${exitCode}`)),
    // a helper or a filter that outlives git would keep us waiting; elsewhere the timer would only keep the process
    completion: { onClose: true, onExit: remote || treeOf !== undefined ? LAST_WORDS_MS : false },
    allowEnvironment: [...Object.keys(SILENT), 'GIT_SSH_COMMAND', 'GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE'],
    unsafe: {
      allowUnsafeHooksPath: true,
      allowUnsafeSshCommand: true,
      allowUnsafeAskPass: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeTemplateDir: true,
    },
    ...(signal && { abort: signal }),
    ...(isRoot() && { spawnOptions: { uid: owner.uid, gid: owner.gid } }),
  }
  const git: SimpleGit = simpleGit(options).env({
    ...forGit(ambientFor(owner)),
    ...more,
    ...SILENT,
    GIT_SSH_COMMAND: `${ssh} ${SSH_OPTIONS}`,
    ...(treeOf && { GIT_DIR: treeOf.store, GIT_WORK_TREE: folder, GIT_INDEX_FILE: treeOf.index }),
  })
  const run = async (...words: readonly string[]) => {
    try {
      return await git.raw([...words])
    } catch (error) {
      if (signal?.aborted) throw cancelled(error)
      throw new GitError(withoutPasswords(messageOf(error).trim()))
    }
  }
  const ask = (...words: readonly string[]) =>
    run(...words).catch((error) => {
      if (error instanceof GitError) return undefined
      throw error
    })
  const forRemote = async () => {
    const own = process.env.GIT_SSH_COMMAND ?? (await ask('config', '--get', 'core.sshCommand'))?.trim()
    return openGit({ ...asked, remote: true, ...(own && { ssh: own }) })
  }
  return { run, ask, forRemote }
}

function cancelled(cause: unknown): CatalystError {
  return new CatalystError('git was cancelled.', { code: 'DEPLOY_CANCELLED', exit: EXIT.failed, cause })
}

/** Hides passwords in addresses: git repeats an address when it fails, and it may hold a token. */
function withoutPasswords(text: string): string {
  return text.replace(/:\/\/[^@/\s]+@/g, '://********@')
}

/**
 * Returns what git needs of the environment: programs, settings and keys of the user, proxies. git's own variables stay
 * out.
 */
function forGit(environment: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => PASSED_ON.test(name)))
}

const PASSED_ON =
  /^(PATH|HOME|USER|LOGNAME|TMPDIR|TEMP|TMP|XDG_CONFIG_HOME|SSH_AUTH_SOCK|(https?|all|no)_proxy|SystemRoot|ComSpec|PATHEXT|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|PROGRAMDATA|SSL_CERT_(FILE|DIR))$/i
