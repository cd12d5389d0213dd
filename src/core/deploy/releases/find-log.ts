import { join } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { isReleaseName } from '#core/home/active-release.js'
import type { Home } from '#core/home/home.js'
import type { JournalEntry } from '#core/journal/journal.js'
import { listFolder, readText } from '#core/platform/fs/files.js'

/** The log of a deployment: what installing and checking printed for a version, without secrets. */
export interface DeployLog {
  readonly release: string
  readonly path: string
  readonly lines: readonly string[]
}

/** More than a log ever has; see `BuildLog`. */
const MOST_BYTES = 32 * 1024 * 1024

/**
 * Finds the log of a version, also of one that failed: by its tag, its commit or its release's name; without any that of
 * the newest deployment that has one.
 * @throws CatalystError VERSION_UNKNOWN
 */
export function findLog(home: Home, asked: string | undefined): DeployLog {
  const { paths, asOwner } = home
  const logs = asOwner(() => listFolder(paths.releases)).flatMap((file) => /^(.+)\.log$/.exec(file)?.[1] ?? [])
  const deployed = releasesOf(home.recentEntries(), asked)
  const release = [...deployed, ...(asked === undefined ? [] : [asked])].find((name) => logs.includes(name))
  if (release === undefined || !isReleaseName(release)) throw noLog(asked, deployed.length > 0)
  const path = join(paths.releases, `${release}.log`)
  const text = asOwner(() => readText(path, MOST_BYTES)) ?? ''
  return { release, path, lines: text.trimEnd().split(/\r?\n/) }
}

/** Returns the releases that were deployed, or were to be, the newest first: all, or those of one version. */
function releasesOf(entries: readonly JournalEntry[], asked: string | undefined): string[] {
  const begun = entries.filter(({ kind }) => kind === 'deploy.begin').reverse()
  const isMeant = ({ release, tag, commit }: JournalEntry) =>
    asked === undefined || asked === release || asked === tag || isCommitOf(String(commit), asked)
  return begun.filter(isMeant).map(({ release }) => String(release))
}

function isCommitOf(commit: string, asked: string): boolean {
  return /^[0-9a-f]{7,40}$/i.test(asked) && commit.startsWith(asked.toLowerCase())
}

function noLog(asked: string | undefined, isDeployed: boolean): CatalystError {
  const why = isDeployed
    ? 'nothing was installed or checked for it, or its log is beyond the retention limit'
    : 'no deployment of it is known'
  const message =
    asked === undefined
      ? 'No deployment has installed or checked anything yet.'
      : `There is no log of ${asked}: ${why}.`
  return new CatalystError(message, {
    code: 'VERSION_UNKNOWN',
    exit: EXIT.failed,
    suggestions: ['See what was deployed: catalyst history --kind deploy'],
  })
}
