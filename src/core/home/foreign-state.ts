import { basename, relative } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { kindAt, linkText } from '#core/platform/fs/links.js'
import { ownersOf } from '#core/platform/fs/permissions.js'
import { run } from '#core/platform/process/processes.js'
import { currentUser, type User } from '#core/platform/process/users.js'
import { quoteWord } from '#core/text.js'
import { withoutGit } from './git-exclude.js'
import type { Home } from './home.js'

const GIT_TIMEOUT_MS = 10_000

/**
 * Refuses state under `.catalyst/` that others may have put there: files that git tracks, so that a clone or a pull
 * brings them along, or that belong neither to the owner, to this user nor to root. It is called before something in
 * there is run, and costs one call of git. Returns warnings about the settings.
 * @throws CatalystError STATE_REFUSED
 */
export async function refuseForeignState({ paths, owner }: Pick<Home, 'paths' | 'owner'>): Promise<string[]> {
  const { home, own, env, state, releases, backups, activeRelease, deployment, journal } = paths
  const believed = [own, state, releases, backups, activeRelease, deployment, journal]
  const foreign = believed.find((path) => isForeign(path, owner))
  if (foreign !== undefined) {
    throw refused(`${foreign} does not belong to ${owner.name}, the owner of the home`, [
      `See whose it is: ls -ld ${quoteWord(foreign)}`,
      `If that is intended: chown -R ${quoteWord(`${owner.name}:`)} ${quoteWord(own)}`,
    ])
  }
  const tracked = await trackedIn(home, owner)
  const ours = tracked.find((path) => path.toLowerCase().startsWith(basename(own)))
  if (ours !== undefined) {
    throw refused(`git tracks ${relative(home, own)}/ (${ours}), so it may come out of the repository`, [
      'Check its content, and remove what you did not put there. Then remove it from git; it stays on the disk:',
      `git -C ${quoteWord(home)} rm -r --cached ${basename(own)}`,
    ])
  }
  if (tracked.length > 0 && kindAt(env) === 'link') {
    throw refused(
      `git tracks ${env}, which is a link to ${linkText(env)}: what is written there could overwrite anything`,
      [`Put a file in its place, and remove it from git: git -C ${quoteWord(home)} rm --cached .env`],
    )
  }
  return [
    ...(tracked.length > 0
      ? [
          `git tracks ${env}: anybody who can push decides what is run, and its secrets are in the repository. ` +
            `Take it out of git; it stays on the disk: git -C ${quoteWord(home)} rm --cached .env`,
        ]
      : []),
    ...(isForeign(env, owner) ? [`${env} does not belong to ${owner.name}, the owner of the home`] : []),
  ]
}

function isForeign(path: string, { uid }: User): boolean {
  const trusted = [uid, currentUser().uid, 0] // the owner of a home in an image is seldom the user of its container
  return ownersOf(path).some((one) => !trusted.includes(one))
}

/**
 * Returns which of our files, and of the settings, are in git's index, in whatever case a file system may take them.
 */
async function trackedIn(home: string, owner: User): Promise<string[]> {
  const answer = await run(
    'git',
    ['-c', 'core.fsmonitor=false', 'ls-files', '-z', '--', ':(icase).catalyst', ':(icase).env'],
    { timeoutMs: GIT_TIMEOUT_MS, cwd: home, env: withoutGit(process.env), as: owner },
  )
  return answer.exit === 0 ? answer.stdout.split('\0').filter((path) => path !== '') : []
}

function refused(why: string, suggestions: string[]): CatalystError {
  return new CatalystError(`The home can't be trusted: ${why}. Nothing was done.`, {
    code: 'STATE_REFUSED',
    exit: EXIT.settings,
    suggestions,
  })
}
