import type { Command, Interfaces } from '@oclif/core'

/** The values of a flag or an argument: these words, folders, versions, or what only the person knows. */
export type Values = readonly string[] | 'folders' | 'versions' | 'any'

/** A flag as it is typed. */
export interface TypedFlag {
  readonly name: string
  readonly short: string | undefined
  readonly summary: string
  /** Undefined for a flag without a value. */
  readonly values: Values | undefined
}

/** A place in a command line: after a topic there are commands, after a command its flags and its argument. */
export interface Place {
  /** The words before it: `` at the beginning, `service`, `service start`. */
  readonly path: string
  readonly next: readonly { readonly word: string; readonly summary: string }[]
  readonly flags: readonly TypedFlag[]
  /** The values of the first argument; undefined for a command without one. */
  readonly argument: Values | undefined
}

/** The facts of the command line that completion needs; oclif's configuration has them. */
export interface CommandTable {
  readonly commands: readonly Pick<Command.Loadable, 'id' | 'summary' | 'hidden' | 'flags' | 'args'>[]
  readonly topics: readonly Pick<Interfaces.Topic, 'name' | 'description'>[]
}

/** The values that no list in a command gives, by command and flag or argument. */
const KNOWN: Readonly<Record<string, Values>> = {
  'logs --level': ['trace', 'debug', 'info', 'warning', 'error', 'critical'],
  'history --kind': ['bot', 'deploy', 'rating', 'service', 'incident', 'backup', 'watchdog'],
  'deploy run ref': 'versions',
  'deploy log version': 'versions',
  'deploy rollback target': 'versions',
}

const HELP: TypedFlag = { name: '--help', short: '-h', summary: 'Show help', values: undefined }
const VERSION: TypedFlag = { name: '--version', short: '-v', summary: 'Show the version', values: undefined }

/** Returns all places of the command line, the beginning first. */
export function placesOf({ commands, topics }: CommandTable): Place[] {
  const shown = commands
    .filter(({ hidden }) => !hidden)
    .map((command) => ({ ...command, words: command.id.split(':') }))
  const summaries = new Map([
    ...topics.map(({ name, description = '' }) => [name, description] as const),
    ...shown.map(({ words, summary = '' }) => [words.join(' '), summary] as const),
  ])
  const nextAfter = (path: readonly string[]): Place['next'] => {
    const below = shown.filter(
      ({ words }) => path.every((word, at) => words[at] === word) && words.length > path.length,
    )
    const words = [...new Set(below.map((one) => one.words[path.length] as string))].sort()
    return words.map((word) => ({ word, summary: firstSentence(summaries.get([...path, word].join(' ')) ?? '') }))
  }
  const inner = [...new Set(shown.flatMap(({ words }) => (words.length > 1 ? [words[0] as string] : [])))].sort()
  const leaves = shown.map(({ words, flags, args }): Place => {
    const path = words.join(' ')
    const [argument] = Object.values(args)
    return {
      path,
      next: [],
      flags: [...Object.values(flags).flatMap((flag) => typedFlags(path, flag)), HELP],
      argument: argument && (KNOWN[`${path} ${argument.name}`] ?? argument.options ?? 'any'),
    }
  })
  return [
    { path: '', next: nextAfter([]), flags: [HELP, VERSION], argument: undefined },
    ...inner.map((topic) => ({ path: topic, next: nextAfter([topic]), flags: [HELP], argument: undefined })),
    ...leaves.sort((a, b) => (a.path < b.path ? -1 : 1)),
  ]
}

function typedFlags(path: string, flag: Command.Flag.Cached): TypedFlag[] {
  if (flag.hidden) return []
  const name = `--${flag.name}`
  const summary = firstSentence(flag.summary ?? flag.description ?? '')
  const short = flag.char && `-${flag.char}`
  if (flag.type === 'option') {
    const known = flag.helpValue === 'FOLDER' ? 'folders' : KNOWN[`${path} ${name}`]
    return [{ name, short, summary, values: known ?? flag.options ?? 'any' }]
  }
  const plain = { name, short, summary, values: undefined }
  return flag.allowNo ? [plain, { ...plain, name: `--no-${flag.name}`, short: undefined }] : [plain]
}

/** Returns the first sentence without its end: there is room for few words beside a completion. */
function firstSentence(text: string): string {
  return (/^.*?[^.](?=\.(?:\s|$))/s.exec(text)?.[0] ?? text).replace(/\s+/g, ' ').trim()
}

/** Returns how a flag may be typed. */
export function formsOf({ name, short }: TypedFlag): string[] {
  return short === undefined ? [name] : [name, short]
}

/** Returns all paths but the beginning: the words by which the scripts find out where they are. */
export function pathsOf(places: readonly Place[]): string[] {
  return places.flatMap(({ path }) => (path === '' ? [] : [path]))
}

/** Returns a path as the scripts compare it: the last word is parted by a blank also where it is the only one. */
export function stepOf(path: string): string {
  return path.includes(' ') ? path : ` ${path}`
}
