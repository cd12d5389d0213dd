import type { Command, Interfaces } from '@oclif/core'
import { Help } from '@oclif/core/help'
import { readCommands, readPackaged } from './manifest.js'

const HELP_FLAGS = ['--help', '-h']

/**
 * Shows the help that a command line asks for, with oclif's own class for it, but without its configuration, its parser
 * and our commands: the manifest says all. Returns false where it has done nothing; see ./health-check.ts.
 */
export async function quick(words: readonly string[]): Promise<boolean> {
  if (!asksForHelp(words)) return false
  try {
    await new Help(helpConfig()).showHelp(words.slice(words[0] === 'help' ? 1 : 0))
    return true
  } catch {
    return false // there is no such command
  }
}

/** Returns whether this is `help …`, or a line with a flag for help in it: after `--` nothing is a flag. */
function asksForHelp(words: readonly string[]): boolean {
  if (words.length === 0) return true
  if (words[0] === 'help') return !words.some((word) => word.startsWith('-'))
  const end = words.indexOf('--')
  return words.slice(0, end === -1 ? words.length : end).some((word) => HELP_FLAGS.includes(word))
}

/** Returns what oclif's help takes from its configuration; test/e2e/quick.test.ts holds all help to the command line's. */
function helpConfig(): Interfaces.Config {
  const [pjson, commands] = [readPackaged('package.json'), readCommands()]
  const { bin, topicSeparator } = pjson.oclif
  const topics = topicsOf(pjson.oclif.topics, Object.values(commands))
  const config = {
    bin,
    topicSeparator,
    pjson,
    userAgent: `${pjson.name}/${pjson.version} ${process.platform}-${process.arch} node-${process.version}`,
    commands: Object.values(commands),
    commandIDs: Object.keys(commands),
    findCommand: (id: string) => commands[id],
    topics: [...topics.values()],
    findTopic: (name: string) => topics.get(name),
    plugins: new Map(),
  }
  return config as unknown as Interfaces.Config
}

/** Returns all topics by name. To oclif each command is one, too. */
function topicsOf(
  described: Readonly<Record<string, { description: string }>>,
  commands: readonly Command.Loadable[],
): Map<string, Interfaces.Topic> {
  const each = commands.map(({ id, summary, description = '' }) => ({ name: id, description: summary || description }))
  const ours = Object.entries(described).map(([name, topic]) => ({ name, ...topic }))
  return new Map([...ours, ...each].map((topic) => [topic.name, topic]))
}
