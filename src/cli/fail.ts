import { stripVTControlCharacters } from 'node:util'
import { handle } from '@oclif/core'
import { CatalystError, codeOf, EXIT, messageOf } from '#core/errors.js'
import { realClock } from '#core/platform/clock.js'
import { printable } from '#core/printable.js'
import { consoleDrained } from './console.js'
import { errorJson, errorText } from './error-text.js'
import { nameHome } from './name-home.js'
import { printJson, talk } from './screen.js'
import { unknownCommand } from './unknown-command.js'

/**
 * Shows an error and exits: oclif shows its own about the command line, and we all others: it would wrap paths and
 * commands to the screen's width. `ids` are those of all commands.
 */
export async function fail(thrown: Parameters<typeof handle>[0], ids: readonly string[]): Promise<void> {
  const argv = process.argv.slice(2)
  const isUnknown = 'oclif' in thrown && /^command .+ not found\.?$/i.test(thrown.message)
  const error = isUnknown ? unknownCommand(argv.slice(argv[0] === 'help' ? 1 : 0), ids) : thrown
  const isOurs = error instanceof CatalystError
  if (!isOurs && 'oclif' in error) return handle(quotedSafely(error))
  const { message, code, exit, suggestions } = isOurs
    ? error
    : { message: messageOf(error), code: codeOf(error) ?? 'UNEXPECTED', exit: EXIT.failed, suggestions: [] }
  const shown = { message, code, exit, suggestions: suggestions.map((text) => nameHome(text, { argv, ids })) }
  if (isUnknown && argv.includes('--json')) printJson(errorJson(shown))
  else talk(errorText(shown))
  await consoleDrained(realClock)
  process.exit(exit)
}

/** Makes an error of oclif's harmless: it quotes what was typed, or what a script put there. */
function quotedSafely<E extends Error>(error: E): E {
  const safe = (text: string) => printable(stripVTControlCharacters(text))
  return Object.assign(error, { message: safe(error.message), stack: error.stack && safe(error.stack) })
}
