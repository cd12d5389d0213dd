import type { BotFiles } from '#core/init/bot-files.js'
import { commandOfLine, commandOfWords } from '#core/init/command/command-of-line.js'
import { type Candidate, isRefused } from '#core/init/found-bot.js'

/** Finds the bot that a Dockerfile runs: ENTRYPOINT and CMD of its last stage, with the paths of its WORKDIR. */
export function fromDockerfile(files: BotFiles): Candidate[] {
  const lines = linesOf(files.text('Dockerfile') ?? '')
  const stage = lines.slice(lines.findLastIndex(({ name }) => name === 'FROM') + 1)
  const last = (name: string) => stage.findLast((line) => line.name === name)?.value
  const [entry, command] = [last('ENTRYPOINT'), last('CMD')]
  if (entry === undefined && command === undefined) return []
  const from = 'Dockerfile'
  const workdir = last('WORKDIR') ?? '/'
  const settings = Object.fromEntries(stage.flatMap(({ name, value }) => (name === 'ENV' ? variablesIn(value) : [])))
  const lists = [entry, command].flatMap((text) => (text === undefined ? [] : [listOf(text)]))
  if (lists.some((list) => list?.some((word) => /entrypoint[\w-]*\.sh$/.test(word))))
    return [
      {
        from,
        why: 'a script of the image runs it',
        instead: 'Name the program that it runs: catalyst init --command "…"',
      },
    ]
  // an ENTRYPOINT in a shell's form takes no CMD; a CMD in that form is whole, and what starts it a wrapper
  const isWhole = entry !== undefined && listOf(entry) === undefined
  const found = lists.every((list) => list !== undefined)
    ? commandOfWords(withoutFolder(lists.flat() as string[], workdir), files)
    : commandOfLine(withoutFolder([isWhole ? entry : (command ?? '')], workdir)[0] as string, files)
  return [{ from, ...(isRefused(found) ? found : { ...found, settings: { ...settings, ...found.settings } }) }]
}

interface Line {
  readonly name: string
  readonly value: string
}

function linesOf(text: string): Line[] {
  return text
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .flatMap((line) => {
      const found = /^\s*([A-Za-z]+)\s+(.*?)\s*$/.exec(line)
      return found ? [{ name: (found[1] as string).toUpperCase(), value: found[2] as string }] : []
    })
}

/** Returns the words of a value in the form of a JSON list; undefined for the form of a shell. */
function listOf(value: string): string[] | undefined {
  try {
    const list: unknown = JSON.parse(value)
    return Array.isArray(list) && list.every((word) => typeof word === 'string') ? list : undefined
  } catch {
    return undefined
  }
}

function variablesIn(value: string): [string, string][] {
  const pairs = [...value.matchAll(/([A-Za-z_]\w*)=("[^"]*"|\S*)/g)]
  return pairs
    .map(([, name = '', text = '']) => [name, text.replace(/^"(.*)"$/, '$1')] as [string, string])
    .filter(([name, text]) => name !== 'PATH' && !text.includes('$'))
}

/** Returns the words with the image's folder taken from their paths: here the bot's folder stands in its place. */
function withoutFolder(words: readonly string[], workdir: string): string[] {
  const folder = `${workdir.replace(/\/+$/, '')}/`
  return words.map((word) => (folder === '/' ? word : word.replaceAll(folder, '')))
}

/** Returns the port that the image says it listens on. */
export function exposedPort(files: BotFiles): string | undefined {
  return linesOf(files.text('Dockerfile') ?? '')
    .find(({ name }) => name === 'EXPOSE')
    ?.value.match(/^\d+/)?.[0]
}
