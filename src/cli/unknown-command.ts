import { CatalystError, EXIT } from '#core/errors.js'
import { distance, quoteWord } from '#core/text.js'

/**
 * Makes the error for a command line that matches no command, with the commands that may have been meant. `ids` are
 * those of all commands, such as `deploy:run`.
 */
export function unknownCommand(argv: readonly string[], ids: readonly string[]): CatalystError {
  const firstFlag = argv.findIndex((word) => word.startsWith('-'))
  const words = firstFlag === -1 ? argv : argv.slice(0, firstFlag)
  if (words.length === 0) return wrong(`A command comes first, then ${argv[0]}.`, [ALL])
  const commands = ids.map((id) => id.split(':'))
  const called = commands.find((command) => command.every((word, index) => words[index] === word))
  if (called) {
    const name = called.join(' ')
    return wrong(`${name} takes no argument: ${words.slice(called.length).join(' ')}`, [`See: catalyst ${name} --help`])
  }
  return wrong(`There is no command ${words.join(' ')}.`, hints(words, commands))
}

const ALL = 'See them all: catalyst --help'

function hints(words: readonly string[], commands: readonly string[][]): string[] {
  const topics = [...new Set(commands.flatMap((command) => (command.length > 1 ? command.slice(0, 1) : [])))]
  const meant = closest(words, commands)
  if (meant.length > 0) return meant.map((command) => line([...command, ...words.slice(command.length)]))
  if (words.length === 1) {
    const ends = commands.filter((command) => command.length > 1 && command.at(-1) === words[0])
    if (ends.length > 0) return ends.map(line)
  }
  const topic = closest(
    words,
    topics.map((one) => [one]),
  )[0]?.[0]
  return topic === undefined ? [ALL] : [`See those of ${topic}: ${line([topic, '--help'])}`]
}

/** Returns the commands with the fewest typos between; none if there are too many. */
function closest(words: readonly string[], commands: readonly string[][]): string[][] {
  const rated = commands.flatMap((command) => {
    const name = command.join(' ')
    const slips = distance(name, words.slice(0, command.length).join(' ').toLowerCase())
    return slips <= (name.length > 5 ? 2 : 1) ? [{ command, slips }] : []
  })
  const fewest = Math.min(...rated.map(({ slips }) => slips))
  return rated.filter(({ slips }) => slips === fewest).map(({ command }) => command)
}

function line(words: readonly string[]): string {
  return ['catalyst', ...words.map((word) => quoteWord(word))].join(' ')
}

function wrong(message: string, suggestions: string[]): CatalystError {
  return new CatalystError(message, { code: 'USAGE', exit: EXIT.usage, suggestions })
}
