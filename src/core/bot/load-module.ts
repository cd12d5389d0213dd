import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CatalystError, EXIT } from '#core/errors.js'
import { exists } from '#core/system/files.js'
import { importModule } from '#core/system/import-module.js'
import { run } from '#core/system/processes.js'
import type { Bot } from './contract.js'

const CHECK_TIMEOUT_MS = 5000

/**
 * Loads BOT_MODULE. What the module itself throws comes through as it is.
 * @throws CatalystError BOT_NOT_FOUND, BOT_MODULE_INVALID
 */
export async function loadModule(path: string, folder: string): Promise<Bot> {
  const file = resolve(folder, path)
  if (!exists(file)) {
    throw new CatalystError(`BOT_MODULE: there is no file ${file}.`, {
      code: 'BOT_NOT_FOUND',
      exit: EXIT.settings,
      suggestions: ['Set BOT_MODULE in .env to the path of the module, relative to the release or the home.'],
    })
  }
  const { default: exported } = await importModule(pathToFileURL(file).href).catch(async (error) => {
    throw error instanceof SyntaxError ? await located(error, file) : error
  })
  // a CommonJS module compiled from `export default` carries it one level deeper
  const bot = isObject(exported) && isObject(exported.default) ? exported.default : exported
  if (isBot(bot)) return bot
  throw new CatalystError(`BOT_MODULE: ${file} has no bot as its default export.`, {
    code: 'BOT_MODULE_INVALID',
    exit: EXIT.settings,
    suggestions: [
      "Export one: export default { name: 'mybot', async cycle(ctx) { … } }, or { name, start(ctx), stop() }.",
    ],
  })
}

/** Node tells a faulty module's place only to programs that it runs itself, not to who imports it: so that is asked. */
async function located(error: SyntaxError, file: string): Promise<SyntaxError> {
  if (error.stack?.includes(file)) return error
  const { stderr } = await run(process.execPath, ['--check', file], { timeoutMs: CHECK_TIMEOUT_MS })
  if (stderr.includes(`SyntaxError: ${error.message}`)) error.stack = stderr.trim()
  return error
}

function isBot(value: unknown): value is Bot {
  if (!isObject(value) || typeof value.name !== 'string') return false
  return typeof value.cycle === 'function' || (typeof value.start === 'function' && typeof value.stop === 'function')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
