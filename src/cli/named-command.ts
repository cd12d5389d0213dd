import type { Config } from '@oclif/core'
import { packageVersion } from '#core/platform/package.js'
import type { BaseCommand } from './base-command.js'

/** A class of a command that needs nothing of oclif's configuration but {@link configFor}. */
type OwnCommand = Pick<typeof BaseCommand, 'args'> & (new (argv: string[], config: Config) => BaseCommand)
export type OwnCommands = Readonly<Record<string, OwnCommand>>

/** A command with the words that follow its name. */
export interface NamedCommand {
  readonly id: string
  readonly argv: readonly string[]
}

const HELP_FLAGS = ['--help', '-h']

/**
 * Returns the command that the first words are exactly the name of; undefined where oclif is to find out what is meant: a
 * flag for help, a name that is misspelled, or a word after the name of a command that takes none.
 */
export function commandNamedBy(words: readonly string[], commands: OwnCommands): NamedCommand | undefined {
  if (words.some((word) => HELP_FLAGS.includes(word))) return undefined
  const count = [2, 1].find((length) => Object.hasOwn(commands, words.slice(0, length).join(':'))) ?? 0
  if (count === 0 || words.slice(0, count).some((word) => word.includes(':'))) return undefined
  const [id, argv] = [words.slice(0, count).join(':'), words.slice(count)]
  const takesWords = Object.keys(commands[id]?.args ?? {}).length > 0
  return takesWords || argv[0] === undefined || argv[0].startsWith('-') ? { id, argv } : undefined
}

/**
 * Runs a command as oclif does, but without its configuration: to read the manifest, and to sort all commands, takes longer
 * than many a command. `ids` returns those of all commands. Returns false where the parser refuses its words, for which
 * oclif's words are the right ones: nothing is done then.
 */
export function runNamed(
  { id, argv }: NamedCommand,
  commands: OwnCommands,
  ids: () => readonly string[],
): Promise<boolean> {
  const Command = withId(commands, id)
  return new Command([...argv], configFor(commands, ids)).runAlone()
}

/** oclif writes its id into a command when it loads it. */
function withId(commands: OwnCommands, id: string): OwnCommand {
  return Object.assign(commands[id] as OwnCommand, { id })
}

/** Returns what our commands, and oclif's base of them, take from its configuration. */
function configFor(commands: OwnCommands, ids: () => readonly string[]): Config {
  const config = {
    bin: 'catalyst',
    get commandIDs() {
      return ids()
    },
    findCommand: (id: string) => ({ load: async () => withId(commands, id) }),
    runHook: async () => ({ successes: [], failures: [] }), // there are none
    scopedEnvVar: (name: string) => process.env[`CATALYST_${name}`],
    scopedEnvVarKeys: (name: string) => [`CATALYST_${name}`],
    get version() {
      return packageVersion()
    },
  }
  return config as unknown as Config
}
