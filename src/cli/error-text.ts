import type { CatalystError } from '#core/errors.js'
import { harmless } from '#core/logging/plain.js'

/** An error for the person at the screen. Nothing in it is broken into lines: what is to be typed can be pasted. */
export function errorText(error: { message: string; code: string; suggestions?: readonly string[] }): string {
  const { message, code, suggestions = [] } = error
  const lines = suggestions.map(harmless)
  const hints =
    lines.length > 1 ? ['Try this:', ...lines.map((line) => `  * ${line}`)] : lines.map((line) => `Try this: ${line}`)
  return `${[`Error: ${harmless(message)}`, `Code: ${code}`, ...hints].join('\n')}\n`
}

/** The same for a program: what every command prints under `--json`. */
export function errorJson({ code, exit, message, suggestions }: CatalystError): string {
  return `${JSON.stringify({ error: { code, exit, message, suggestions } }, null, 2)}\n`
}
