import { resolve } from 'node:path'
import { isSharedFolder } from '#core/home/shared-watchdog.js'
import { quoteWord } from '#core/text.js'

/**
 * Names the home in each command of ours that a text says to type, if this command line named it, too: typed in another
 * folder it would act on another home. `ids` are those of all commands, such as `deploy:run`.
 */
export function nameHome(text: string, { argv, ids }: { argv: readonly string[]; ids: readonly string[] }): string {
  const home = homeIn(argv)
  if (home === undefined) return text
  const names = ids.map((id) => id.replaceAll(':', ' ')).sort((one, other) => other.length - one.length)
  const ofAll = isSharedFolder(resolve(home)) ? '' : '(?! --all)' // which one home is not
  const command = new RegExp(`\\bcatalyst (?:${names.join('|')})\\b(?! --help)${ofAll}(?!.* --home)`, 'g')
  return text.replace(command, (found) => `${found} --home ${quoteWord(resolve(home))}`)
}

/** Returns the home in a command line; after `--` nothing is a flag. */
function homeIn(argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--')
  const words = end === -1 ? argv : argv.slice(0, end)
  const index = words.findIndex((word) => word === '--home' || word.startsWith('--home='))
  const word = words[index]
  return (word === '--home' ? words[index + 1] : word?.slice('--home='.length)) || undefined
}
