import { harmless } from '#core/logging/read/plain.js'

/** The shown part of an error. `suggestions`: what to do next. */
export interface ShownError {
  readonly message: string
  readonly code: string
  readonly exit: number
  readonly suggestions: readonly string[]
}

/** Shows an error to the person at the screen. Nothing in it is wrapped: what is to be typed can be pasted. */
export function errorText({ message, code, suggestions }: Omit<ShownError, 'exit'>): string {
  const lines = suggestions.map(harmless)
  const hints =
    lines.length > 1 ? ['Try this:', ...lines.map((line) => `  * ${line}`)] : lines.map((line) => `Try this: ${line}`)
  return [`Error: ${harmless(message)}`, `Code: ${code}`, ...hints].join('\n')
}

/** Returns an error for a program: what every command prints under `--json`. */
export function errorJson({ code, exit, message, suggestions }: ShownError): { error: ShownError } {
  return { error: { code, exit, message, suggestions } }
}
