import { CatalystError, EXIT } from '#core/errors.js'
import { printable } from '#core/printable.js'
import { quoteWord, withFlags } from '#core/text.js'
import { columnsOf } from './screen.js'
import { fitted } from './width.js'

/** Returns whether a person could answer: both ends are a terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/**
 * Asks one question. The dialog goes to stderr, since stdout is for the result. Esc and Ctrl-C cancel it, and the error
 * says what the state is then.
 * @throws CatalystError NOT_CONFIRMED
 */
async function ask<T>(question: object, howThingsStand?: string): Promise<T> {
  const { default: inquirer } = await import('inquirer')
  const leave = new AbortController()
  const onKey = (_text: unknown, key?: { readonly name?: string }) => {
    if (key?.name === 'escape') leave.abort()
  }
  process.stdin.on('keypress', onKey)
  try {
    const prompt = inquirer.createPromptModule({ output: process.stderr, signal: leave.signal })
    const questions = [{ ...(safe(question) as object), name: 'answer' }] as unknown as Parameters<typeof prompt>[0]
    return ((await prompt(questions)) as unknown as { answer: T }).answer
  } catch (error) {
    if (error instanceof Error && ENDED.includes(error.name)) throw cancelled(howThingsStand)
    throw error
  } finally {
    process.stdin.off('keypress', onKey)
  }
}

/**
 * Makes all words of a question harmless: its own, those of its choices, and the answers to what was typed. The chosen
 * value stays as it is: a `value` is never shown.
 */
function safe(part: unknown): unknown {
  if (typeof part === 'string') return printable(part)
  if (Array.isArray(part)) return part.map(safe)
  if (part instanceof Promise) return part.then(safe)
  if (typeof part === 'function') return (...words: unknown[]) => safe(part(...words))
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, key === 'value' ? inner : safe(inner)]))
}

/** The names of inquirer's errors for Ctrl-C, and for its signal. */
const ENDED = ['ExitPromptError', 'AbortPromptError']

/**
 * Asks yes or no.
 * @throws CatalystError NOT_CONFIRMED
 */
export function confirm(message: string, byDefault: boolean, howThingsStand?: string): Promise<boolean> {
  return ask({ type: 'confirm', message, default: byDefault }, howThingsStand)
}

/**
 * Asks for a secret until it is valid; it is not shown.
 * @throws CatalystError NOT_CONFIRMED
 */
export function askSecret(message: string, validate: (word: string) => true | string = () => true): Promise<string> {
  return ask({ type: 'password', message, validate })
}

/**
 * Asks for a word until it is valid; Enter takes the offered one.
 * @throws CatalystError NOT_CONFIRMED
 */
export async function typeWord(
  message: string,
  validate: (word: string) => true | string | Promise<true | string> = () => true,
  offered?: string,
): Promise<string> {
  return (await ask<string>({ type: 'input', message, validate, default: offered })).trim()
}

/** A choice in a list; `description` is shown while it is selected. */
export interface Choice {
  readonly name: string
  readonly value: string
  readonly short?: string
  readonly description?: string
}

const PAGE = 12

/**
 * Lets a person choose by arrow keys and by typing a part of it.
 * @throws CatalystError NOT_CONFIRMED
 */
export function chooseFrom(
  message: string,
  { choices, first }: { choices: readonly Choice[]; first: string | undefined },
): Promise<string> {
  const source = (term = '') => {
    const typed = term.toLowerCase()
    return choices
      .filter(({ name, description = '' }) => `${name} ${description}`.toLowerCase().includes(typed))
      .map(inOneRow)
  }
  return ask({ type: 'search', message, source, pageSize: PAGE, ...(first !== undefined && { default: first }) })
}

/** The width of the pointer before each row, or of its place. */
const POINTER_COLUMNS = 2

/** Fits a choice's name to the terminal; the whole name is shown while it is selected. */
function inOneRow(choice: Choice): Choice {
  const columns = columnsOf(process.stderr)
  const name = columns === undefined ? choice.name : fitted(choice.name, columns - POINTER_COLUMNS)
  if (name === choice.name) return choice
  return { ...choice, name, description: [choice.name, ...(choice.description ? [choice.description] : [])].join('\n') }
}

/**
 * Asks to type a word, for what must not happen by an accidental key.
 * @throws CatalystError NOT_CONFIRMED
 */
export async function typeToConfirm(word: string, howItStays: string): Promise<void> {
  const validate = (typed: string) => typed.trim() === word || `Type ${word} to go on; Esc leaves ${howItStays} active.`
  await typeWord(`Type ${word} to go on:`, validate)
}

function cancelled(howThingsStand = 'Nothing was changed.'): CatalystError {
  return new CatalystError(`Cancelled. ${howThingsStand}`, { code: 'NOT_CONFIRMED', exit: EXIT.failed })
}

/**
 * Continues only with a yes: given beforehand by `--yes`, or on the terminal.
 * @throws CatalystError NOT_CONFIRMED
 */
export async function demandYes(isGiven: boolean, what: string, question: string, byDefault = true): Promise<void> {
  if (isGiven) return
  if (!canAsk()) throw needsYes(what)
  if (!(await confirm(question, byDefault))) throw cancelled()
}

/** Makes the error for what must be confirmed when nobody can be asked. */
function needsYes(what: string): CatalystError {
  return new CatalystError(`${what} needs a confirmation, and there is no terminal to ask on.`, {
    code: 'NOT_CONFIRMED',
    exit: EXIT.usage,
    suggestions: [
      `Confirm it beforehand: ${['catalyst', ...withFlags(process.argv.slice(2), '--yes')].map((word) => quoteWord(word)).join(' ')}`,
    ],
  })
}
