import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Bot } from '#core/bot/contract.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { isObject } from '#core/json.js'
import { exists } from '#core/platform/fs/files.js'
import { importModule } from '#core/platform/process/import-module.js'
import { run } from '#core/platform/process/processes.js'

const CHECK_TIMEOUT_MS = 5000

/**
 * Loads BOT_MODULE. What the module itself throws comes through as it is.
 * @throws CatalystError BOT_NOT_FOUND, BOT_MODULE_INVALID
 */
export async function loadModule(path: string, folder: string): Promise<Bot> {
  const file = resolve(folder, path)
  if (!exists(file)) throw moduleMissing(file)
  const { default: exported } = await importModule(pathToFileURL(file).href).catch(async (error) => {
    throw error instanceof SyntaxError ? await located(error, file) : error
  })
  // a CommonJS module compiled from `export default` carries it one level deeper
  const bot = isObject(exported) && isObject(exported.default) ? exported.default : exported
  if (isBot(bot)) return bot
  throw moduleWithoutBot(file)
}

export function moduleMissing(file: string): CatalystError {
  return new CatalystError(`BOT_MODULE: there is no file ${file}.`, {
    code: 'BOT_NOT_FOUND',
    exit: EXIT.settings,
    suggestions: ['Set BOT_MODULE in .env to the path of the module, relative to the release or the home.'],
  })
}

export function moduleWithoutBot(file: string): CatalystError {
  return new CatalystError(`BOT_MODULE: ${file} has no bot as its default export.`, {
    code: 'BOT_MODULE_INVALID',
    exit: EXIT.settings,
    suggestions: [
      "Export one: export default { name: 'mybot', async cycle(ctx) { … } }, or { name, start(ctx), stop() }.",
    ],
  })
}

/**
 * Adds the place of a syntax error. Node prints it only for programs that it runs itself, not to an importer, so `node
 * --check` is asked.
 */
async function located(error: SyntaxError, file: string): Promise<SyntaxError> {
  if (error.stack?.includes(file)) return error
  const { stderr } = await run(process.execPath, ['--check', file], { timeoutMs: CHECK_TIMEOUT_MS })
  if (stderr.includes(`SyntaxError: ${error.message}`)) error.stack = stderr.trim()
  return error
}

/** The `typeof` of each part of a bot. */
export type BotShape = Readonly<Record<'name' | 'cycle' | 'start' | 'stop', string>>

/** Returns whether these are the parts of a bot. */
export function isBotShape({ name, cycle, start, stop }: Partial<BotShape>): boolean {
  return name === 'string' && (cycle === 'function' || (start === 'function' && stop === 'function'))
}

function isBot(value: unknown): value is Bot {
  if (!isObject(value)) return false
  const { name, cycle, start, stop } = value
  return isBotShape({ name: typeof name, cycle: typeof cycle, start: typeof start, stop: typeof stop })
}
