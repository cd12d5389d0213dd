/** A home for tests of deployments: a real git repository, supervised by a watchdog of its own. */
import os from 'node:os'
import { readDeployment } from '#core/deploy/deployment-file.js'
import { Releases } from '#core/deploy/releases/releases.js'
import { activeRelease } from '#core/home/active-release.js'
import { homePaths } from '#core/home/home-paths.js'
import { aHome } from '../builders/home.js'
import type { Home } from '../e2e/home.js'
import type { Result, Running } from '../e2e/process.js'
import { BIN } from '../e2e/root.js'
import { until } from '../e2e/until.js'
import { TestRepository } from './repository.js'

/** Quick enough for a test, patient enough for a busy machine. */
export const SHIPPED = {
  WATCHDOG_ENABLED: '1',
  WATCHDOG_CHECK_INTERVAL: '5',
  BOT_START_TIMEOUT: '15',
  BOT_STOP_TIMEOUT: '2',
  SERVICE_RESTART_DELAY: '0.2',
  DEPLOY_SETTLE_SECONDS: '0.3',
}

/** A module that works, and says which version it is. */
export function version(name: string, more = ''): Record<string, string> {
  return { 'bot.mjs': `${more}\nexport default { name: '${name}', cycle() {} }\n` }
}

/** A home of which each commit is a version. */
export class ShippedHome {
  readonly home: Home
  readonly repository: TestRepository

  constructor(home: Home) {
    this.home = home
    this.repository = new TestRepository(home.folder)
    home.write('.gitignore', '.env\ndata/\n')
    this.repository.commit({ '.gitignore': '.env\ndata/\n' })
  }

  get paths() {
    return homePaths(this.home.folder)
  }

  /** Commits these files and tags them. */
  tag(name: string, files: Readonly<Record<string, string>> = version(name)): string {
    const commit = this.repository.commit(files, name)
    this.repository.git('tag', name)
    return commit
  }

  watchdog(env: Record<string, string> = {}): Running {
    return this.home.run(process.execPath, [BIN, 'watchdog', 'run', '--home', this.home.folder], {
      folder: this.home.folder,
      cwd: os.tmpdir(),
      env,
    })
  }

  /** `catalyst deploy …`, which goes on in the background. */
  begin(...words: string[]): Running {
    return this.home.run(process.execPath, [BIN, 'deploy', ...words, '--home', this.home.folder], {
      folder: this.home.folder,
      cwd: os.tmpdir(),
    })
  }

  deploy(...words: string[]): Promise<Result> {
    return this.begin(...words).result(40_000)
  }

  /** The tag of the active release. */
  get active(): string | undefined {
    const release = activeRelease(this.paths)
    return release && (new Releases(aHome({ folder: this.paths.home })).read(release.name)?.tag ?? undefined)
  }

  get isUnderWay(): boolean {
    return readDeployment(aHome({ folder: this.paths.home })) !== undefined
  }

  /** Waits until the bot is healthy as the version of this tag, or as the working tree. */
  runs(tag: string | null): Promise<unknown> {
    return until(async () => {
      const { status, release } = await this.home.health()
      const isRight = tag === null ? release === null : release?.startsWith(`${tag}-`)
      if (status !== 'healthy' || !isRight) throw new Error(`${status} as ${release}`)
      return true
    }, 40_000)
  }

  ratings(): [tag: unknown, rating: unknown, reason: unknown][] {
    return this.home
      .journal()
      .filter(({ kind }) => kind === 'rating')
      .map(({ tag, rating, reason }) => [tag, rating, reason])
  }
}
