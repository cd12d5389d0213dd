import type { CatalystError } from '#core/errors.js'
import { harmless } from '#core/logging/plain.js'

/** An error for the person at the screen. Nothing in it is broken into lines: what is to be typed can be pasted. */
export function errorText({ message, code, suggestions }: CatalystError): string {
  const [only, ...more] = suggestions
  const hints =
    only === undefined
      ? []
      : more.length === 0
        ? [`Try this: ${only}`]
        : ['Try this:', ...suggestions.map((line) => `  * ${line}`)]
  return `${[`Error: ${harmless(message)}`, `Code: ${code}`, ...hints].join('\n')}\n`
}
