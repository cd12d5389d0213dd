import { CatalystError, EXIT } from '#core/errors.js'
import { isInContainer } from '#core/platform/container.js'
import { realPath } from '#core/platform/fs/files.js'
import { quoteWord, withFlags } from '#core/text.js'
import { currentPath } from './stable-path.js'

/** Makes the error for a person without permission: who has it, and the line to run. */
export function permissionDenied(why: string, remedy: readonly string[]): CatalystError {
  return new CatalystError(why, { code: 'NOT_ALLOWED', exit: EXIT.notAllowed, suggestions: [...remedy] })
}

/**
 * Returns how to do the same as another user, by default root. `sudo` knows neither our PATH nor our CATALYST_HOME, and a
 * container has none.
 */
export function bySudo(
  home: string,
  change: { as?: string; without?: string; with?: string } = {},
  inContainer = isInContainer(),
): string[] {
  if (inContainer) {
    const user = quoteWord(change.as ?? 'root')
    return [
      `Let the container run as ${user}: docker run --user ${user} …, or for this command docker exec --user ${user} …`,
    ]
  }
  return [`Run: ${sudoLine(home, change)}`]
}

/** Returns this command line for another user; see {@link bySudo}. */
export function sudoLine(home: string, change: { as?: string; without?: string; with?: string } = {}): string {
  const as = change.as === undefined ? [] : ['-u', change.as]
  const own = ownWords(home).filter((word) => word !== change.without)
  return lineOf('linux', ['sudo', ...as, ...withFlags(own, ...(change.with === undefined ? [] : [change.with]))])
}

/**
 * Returns the suggestion for root: only files that root itself has made in somebody's home can refuse it, since their
 * owner can't write them.
 */
export function byChown(home: string, owner: string): string[] {
  const line = lineOf('linux', ['chown', '-R', `${owner}:`, `${home}/.catalyst`, `${home}/data`])
  return [`Give the owner of the home what root has made in it: ${line}`]
}

/** Returns how to do the same with an administrator's rights, in a terminal that stands in another folder. */
export function asAdministrator(home: string): string[] {
  return [
    'Open a terminal as administrator (Start, type cmd, "Run as administrator"), and run there:',
    lineOf('win32', ownWords(home)),
  ]
}

/** Returns the words of this command line, from node's full path on, with the home named. */
function ownWords(home: string): string[] {
  const { argv, execPath } = process
  const isNamed = argv.some((word) => word === '--home' || word.startsWith('--home='))
  // by its full path, however it was named here
  const words = argv.map((word, at) =>
    argv[at - 1] === '--home' ? home : word.startsWith('--home=') ? `--home=${home}` : word,
  )
  return [currentPath(execPath, realPath), ...withFlags(words.slice(1), ...(isNamed ? [] : ['--home', home]))]
}

function lineOf(platform: NodeJS.Platform, words: readonly string[]): string {
  return words.map((word) => quoteWord(word, platform)).join(' ')
}
