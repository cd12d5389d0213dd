import { type Repository, repositoryOf } from '#core/backup/repository.js'
import type { Home } from '#core/home/home.js'
import { sleep } from '#core/platform/clock.js'
import { hostName, pidExists } from '#core/platform/process/process-id.js'
import { findRestic, type Restic } from './find-restic.js'
import { areDead, LOCK_POLL_MS, lockIn, REFRESHED_WITHIN_MS, type ResticLock } from './lock-age.js'
import { cancelled, resticError, type Task } from './restic-errors.js'
import { type ResticResult, type ResticRun, runRestic } from './run-restic.js'

/** The repository of a home's backups, with the restic that reads and writes it. */
export class BackupRepository {
  readonly #home: Home
  readonly #restic: Restic
  readonly #repository: Repository
  readonly #say: (text: string) => void

  private constructor(home: Home, restic: Restic, repository: Repository, say: (text: string) => void) {
    this.#home = home
    this.#restic = restic
    this.#repository = repository
    this.#say = say
  }

  /**
   * Opens the repository that the home's settings name. `say` gets what is waited for.
   * @throws CatalystError BACKUP_OFF, SETTINGS_INVALID, RESTIC_MISSING
   */
  static async open(home: Home, say: (text: string) => void = () => {}): Promise<BackupRepository> {
    const repository = repositoryOf(home.settings, home.paths.home)
    return new BackupRepository(home, await findRestic(home.settings, home.paths.home), repository, say)
  }

  get address(): string {
    return this.#repository.address
  }

  get version(): string {
    return this.#restic.version
  }

  /** Makes the repository, if there is none yet. */
  async create(signal?: AbortSignal): Promise<void> {
    const { fault, stderr } = await this.#run(['cat', 'config', '--no-lock'], { ...(signal && { signal }) })
    if (fault === undefined) return
    if (fault !== 'missing') throw resticError('set-up of the repository', this.#repository, { fault, words: stderr })
    await this.run('set-up of the repository', ['init'], { signal })
  }

  /**
   * Runs restic. A lock whose holder is dead is removed first; while the holder may live, it is waited for.
   * @throws CatalystError where it fails, but not for the exit codes in `fine`
   */
  async run(
    task: Task,
    args: readonly string[],
    { fine = [], ...options }: ResticRun & { readonly fine?: readonly number[] } = {},
  ): Promise<ResticResult> {
    for (;;) {
      const result = await this.#run(args, options)
      if (options.signal?.aborted) throw cancelled(task)
      const { fault } = result
      if (fault === undefined || fine.includes(result.exit)) return result
      const isOver = fault === 'locked' && (await this.#waitForLock(options.signal))
      if (!isOver) throw resticError(task, this.#repository, { fault, words: result.stderr })
    }
  }

  #run(args: readonly string[], options: ResticRun): Promise<ResticResult> {
    return runRestic(this.#home, this.#restic, this.#repository, args, options)
  }

  /** Waits until the repository is free, and returns whether it is. */
  async #waitForLock(signal: AbortSignal | undefined): Promise<boolean> {
    const { clock } = this.#home
    let began: number | undefined
    const seen = new Map<string, number>()
    let isSaid = false
    for (;;) {
      const locks = await this.#locks()
      began ??= clock.monotonic()
      const ids = Object.keys(locks)
      if (ids.length === 0) return true
      for (const id of ids) if (!seen.has(id)) seen.set(id, clock.monotonic())
      const watchedMs = (id: string) => clock.monotonic() - (seen.get(id) as number)
      if (areDead(locks, { host: hostName(), runs: pidExists, watchedMs })) {
        this.#say(`The lock of ${holdersOf(locks)} in the repository is removed: its holder is gone.`)
        // restic itself keeps those of others that are younger than 30 minutes by this machine's clock
        const areGone = Object.values(locks).every((lock) => lock?.host === hostName() && !pidExists(lock.pid))
        const { exit } = await this.#run(['unlock', ...(areGone ? [] : ['--remove-all'])], {})
        return exit === 0
      }
      if (signal?.aborted || clock.monotonic() - began > 2 * REFRESHED_WITHIN_MS) return false
      if (!isSaid) this.#say(`The repository is locked by ${holdersOf(locks)}. It is waited for.`)
      isSaid = true
      await sleep(clock, LOCK_POLL_MS, signal)
    }
  }

  async #locks(): Promise<Record<string, ResticLock | undefined>> {
    const { stdout } = await this.#run(['list', 'locks', '--no-lock'], {})
    const locks: Record<string, ResticLock | undefined> = {}
    for (const id of stdout.split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line))) {
      const { exit, stdout: text } = await this.#run(['cat', 'lock', id, '--no-lock'], {})
      if (exit === 0) locks[id] = lockIn(text) // one that is gone by now is none
    }
    return locks
  }
}

function holdersOf(locks: Readonly<Record<string, ResticLock | undefined>>): string {
  const holders = Object.values(locks).flatMap((lock) => (lock ? [`pid ${lock.pid} on ${lock.host}`] : []))
  return [...new Set(holders)].join(', ') || 'somebody'
}
