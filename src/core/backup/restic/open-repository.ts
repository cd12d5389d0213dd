import { type Repository, repositoryOf } from '#core/backup/repository.js'
import type { CatalystError } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import { sleep } from '#core/platform/clock.js'
import { hostName, pidExists } from '#core/platform/process/process-id.js'
import { demandRestic, resticProgram } from './find-restic.js'
import { areDead, LOCK_POLL_MS, lockIn, REFRESHED_WITHIN_MS, type ResticLock } from './lock-age.js'
import { cancelled, resticError, type Task } from './restic-errors.js'
import type { ResticFault } from './restic-output.js'
import { type ResticResult, type ResticRun, runRestic } from './run-restic.js'

/** The repository of a home's backups, with the restic that reads and writes it. */
export class BackupRepository {
  readonly #home: Home
  readonly #repository: Repository
  readonly #say: (text: string) => void

  private constructor(home: Home, repository: Repository, say: (text: string) => void) {
    this.#home = home
    this.#repository = repository
    this.#say = say
  }

  /**
   * Opens the repository that the home's settings name. `say` gets what is waited for. `isTried`: this home has made a backup
   * before, so restic is asked for its version only where it fails, which saves a start of it.
   * @throws CatalystError BACKUP_OFF, SETTINGS_INVALID, RESTIC_MISSING
   */
  static async open(
    home: Home,
    say: (text: string) => void = () => {},
    { isTried = false } = {},
  ): Promise<BackupRepository> {
    const repository = new BackupRepository(home, repositoryOf(home.settings, home.paths.home), say)
    if (!isTried) await repository.#demandRestic()
    return repository
  }

  get address(): string {
    return this.#repository.address
  }

  /** Makes the repository, if there is none yet. */
  async create(signal?: AbortSignal): Promise<void> {
    const { fault, stderr } = await this.#run(['cat', 'config', '--no-lock'], { signal })
    if (signal?.aborted) throw cancelled('set-up of the repository')
    if (fault === undefined) return
    if (fault !== 'missing') throw await this.#failure('set-up of the repository', fault, { stderr })
    await this.run('set-up of the repository', ['init'], { signal })
  }

  /**
   * Runs restic. A lock whose holder is dead is removed first; while the holder may live, it is waited for.
   * @throws CatalystError where it fails, but not for the exit codes in `fine`; RESTIC_MISSING where restic is to blame
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
      if (options.signal?.aborted) throw cancelled(task)
      if (!isOver) throw await this.#failure(task, fault, result)
    }
  }

  async #run(args: readonly string[], options: ResticRun): Promise<ResticResult> {
    const { settings, paths } = this.#home
    try {
      return await runRestic(this.#home, resticProgram(settings, paths.home), this.#repository, args, options)
    } catch (error) {
      await this.#demandRestic() // it may be gone by now
      throw error
    }
  }

  /** Makes the error for a restic that has failed; where restic itself is to blame, it says so. */
  async #failure(task: Task, fault: ResticFault, { stderr }: Pick<ResticResult, 'stderr'>): Promise<CatalystError> {
    if (fault === 'other') await this.#demandRestic()
    return resticError(task, this.#repository, { fault, words: stderr })
  }

  #demandRestic(): Promise<void> {
    return demandRestic(this.#home.settings, this.#home.paths.home)
  }

  /** Waits until the repository is free, and returns whether it is. */
  async #waitForLock(signal: AbortSignal | undefined): Promise<boolean> {
    const { clock } = this.#home
    let began: number | undefined
    const seen = new Map<string, number>()
    let isSaid = false
    while (!signal?.aborted) {
      const locks = await this.#locks(signal)
      began ??= clock.monotonic()
      const ids = Object.keys(locks)
      if (signal?.aborted) break // not all of them were read
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
      if (clock.monotonic() - began > 2 * REFRESHED_WITHIN_MS) return false
      if (!isSaid) this.#say(`The repository is locked by ${holdersOf(locks)}. It is waited for.`)
      isSaid = true
      await sleep(clock, LOCK_POLL_MS, signal)
    }
    return false
  }

  async #locks(signal: AbortSignal | undefined): Promise<Record<string, ResticLock | undefined>> {
    const { stdout } = await this.#run(['list', 'locks', '--no-lock'], { signal })
    const locks: Record<string, ResticLock | undefined> = {}
    for (const id of stdout.split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line))) {
      const { exit, stdout: text } = await this.#run(['cat', 'lock', id, '--no-lock'], { signal })
      if (exit === 0) locks[id] = lockIn(text) // one that is gone by now is none
    }
    return locks
  }
}

function holdersOf(locks: Readonly<Record<string, ResticLock | undefined>>): string {
  const holders = Object.values(locks).flatMap((lock) => (lock ? [`pid ${lock.pid} on ${lock.host}`] : []))
  return [...new Set(holders)].join(', ') || 'somebody'
}
