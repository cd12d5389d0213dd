import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { secretForms } from '#core/config/secrets.js'
import { messageOf } from '#core/errors.js'
import { redactor } from '#core/logging/redact.js'
import { type Clock, within } from '#core/platform/clock.js'
import { exists, readText } from '#core/platform/fs/files.js'
import { onLines } from '#core/platform/process/lines.js'
import { start, waitForExit } from '#core/platform/process/processes.js'
import { killTree } from '#core/platform/process/signals.js'
import { type Findings, NOTHING_FOUND } from './findings.js'
import { type BotShape, isBotShape, moduleMissing, moduleWithoutBot } from './load-module.js'

/** The default time for a module to load. */
const LOAD_MS = 10_000

/**
 * The code that loads the module named by its first argument, and prints what that exports on a line that begins with
 * its second.
 */
const LOADER = `
import { writeSync } from 'node:fs'
const [, url, mark] = process.argv
const { default: exported } = await import(url)
const isObject = (value) => typeof value === 'object' && value !== null
const bot = isObject(exported) && isObject(exported.default) ? exported.default : exported
const shape = isObject(bot) ? Object.fromEntries(['name', 'cycle', 'start', 'stop'].map((key) => [key, typeof bot[key]])) : {}
writeSync(1, '\\n' + mark + JSON.stringify(shape) + '\\n')
process.exit(0)
`

/**
 * Checks whether BOT_MODULE exports a bot, which only loading it can tell. It is loaded in a process of its own that
 * ends right after, as in a dry run. A program of its own that merely stands in BOT_MODULE would begin its work by
 * that, so a file without any default export isn't loaded.
 * Where `loadMs` is 0, no other is, either.
 */
export async function checkModule(
  clock: Clock,
  path: string,
  folder: string,
  environment: Readonly<Record<string, string>>,
  loadMs = LOAD_MS,
): Promise<Findings> {
  const file = resolve(folder, path)
  if (!exists(file)) return faulty(moduleMissing(file))
  if (!/\b(default|exports)\b/.test(textOf(file))) return faulty(moduleWithoutBot(file))
  if (loadMs === 0) return NOTHING_FOUND
  const loaded = await load(clock, file, { folder, environment, loadMs })
  if (loaded === 'too slow')
    return {
      faults: [],
      hints: [`BOT_MODULE: ${file} was not loaded within ${loadMs / 1000} s, so whether it exports a bot is unknown.`],
    }
  if ('error' in loaded) return { faults: [`BOT_MODULE: ${file} can't be loaded: ${loaded.error}`], hints: [] }
  return isBotShape(loaded.shape) ? { faults: [], hints: [] } : faulty(moduleWithoutBot(file))
}

function faulty({ message, suggestions }: { message: string; suggestions: readonly string[] }): Findings {
  return { faults: [`${message} ${suggestions.join('. ')}`], hints: [] }
}

function textOf(file: string): string {
  try {
    return readText(file) ?? ''
  } catch {
    return 'default' // loading it says why it can't be read
  }
}

interface LoadOptions {
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly loadMs: number
}

async function load(
  clock: Clock,
  file: string,
  { folder, environment, loadMs }: LoadOptions,
): Promise<{ shape: Partial<BotShape> } | { error: string } | 'too slow'> {
  const mark = randomUUID()
  const env = { ...environment, CATALYST_DRY_RUN: '1' }
  const args = ['--input-type=module', '--eval', LOADER, pathToFileURL(file).href, mark]
  const child = await start(process.execPath, args, { cwd: folder, env }).catch(messageOf)
  if (typeof child === 'string') return { error: `node can't be started for it: ${child}` }
  const ended = waitForExit(clock, child)
  child.stdin?.on('error', () => {}).end()
  let shape: Partial<BotShape> | undefined
  const errors: string[] = []
  onLines(child.stdout, (line) => {
    if (line.startsWith(mark)) shape = JSON.parse(line.slice(mark.length))
  })
  onLines(child.stderr, (line) => errors.length < MOST_LINES && errors.push(line))
  const exit = await within(clock, loadMs, ended)
  await killTree(child) // with all that it has started
  if (shape !== undefined) return { shape }
  if (exit === undefined) return 'too slow'
  const redact = redactor(secretForms(environment))
  return { error: redact(errorIn(errors) ?? `it ended the process itself with exit code ${exit}`) }
}

const MOST_LINES = 200

/** Returns the error and its place. Node prints the place, the line of code, and then the error with its stack. */
function errorIn(lines: readonly string[]): string | undefined {
  const error = lines.find((line) => /^(?:\w*Error|Error \[\w+\]|\w*Exception)\b/.test(line))
  const place = lines.find((line) => /^(?:file:\/\/\/|\/|[A-Za-z]:\\).*:\d+$/.test(line))
  if (error === undefined) return undefined
  return place === undefined ? error : `${error} (${place})`
}
