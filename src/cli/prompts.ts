import { CatalystError, EXIT } from '#core/errors.js'
import { quoteWord, withFlags } from '#core/text.js'

/** Whether there is a person who could answer: both ends are a terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/**
 * Asks one question. The talk goes to stderr, since stdout is for the answer. Esc and Ctrl-C end it, and who ends it is
 * told how things stand then.
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
    const questions = [{ ...question, name: 'answer' }] as unknown as Parameters<typeof prompt>[0]
    return ((await prompt(questions)) as unknown as { answer: T }).answer
  } catch (error) {
    if (error instanceof Error && ENDED.includes(error.name)) throw cancelled(howThingsStand)
    throw error
  } finally {
    process.stdin.off('keypress', onKey)
  }
}

/** How inquirer calls Ctrl-C, and its signal. */
const ENDED = ['ExitPromptError', 'AbortPromptError']

/** Asks yes or no. @throws CatalystError NOT_CONFIRMED */
export function confirm(message: string, byDefault: boolean, howThingsStand?: string): Promise<boolean> {
  return ask({ type: 'confirm', message, default: byDefault }, howThingsStand)
}

/** Asks for a secret, which is not shown. @throws CatalystError NOT_CONFIRMED */
export function askSecret(message: string): Promise<string> {
  return ask({ type: 'password', message })
}

/** Asks for a word, until it is right; an offered one is taken with Enter. @throws CatalystError NOT_CONFIRMED */
export async function typeWord(
  message: string,
  validate: (word: string) => true | string | Promise<true | string> = () => true,
  offered?: string,
): Promise<string> {
  return (await ask<string>({ type: 'input', message, validate, default: offered })).trim()
}

/** A choice of a list; `description` is shown while it is the one that would be taken. */
export interface Choice {
  readonly name: string
  readonly value: string
  readonly short?: string
  readonly description?: string
}

const PAGE = 12

/** Lets one be chosen by arrow keys and by typing a part of it. @throws CatalystError NOT_CONFIRMED */
export function chooseFrom(
  message: string,
  { choices, first }: { choices: readonly Choice[]; first: string | undefined },
): Promise<string> {
  const source = (term = '') => {
    const wanted = term.toLowerCase()
    return choices.filter(({ name, description = '' }) => `${name} ${description}`.toLowerCase().includes(wanted))
  }
  return ask({ type: 'search', message, source, pageSize: PAGE, ...(first !== undefined && { default: first }) })
}

/** For what is not to happen by one key too many. @throws CatalystError NOT_CONFIRMED */
export async function typeToConfirm(word: string, howItStays: string): Promise<void> {
  const validate = (typed: string) => typed.trim() === word || `Type ${word} to go on; Esc leaves ${howItStays} active.`
  await typeWord(`Type ${word} to go on:`, validate)
}

function cancelled(howThingsStand = 'Nothing was changed.'): CatalystError {
  return new CatalystError(`Cancelled. ${howThingsStand}`, { code: 'NOT_CONFIRMED', exit: EXIT.failed })
}

/** Goes on only with a yes: given beforehand by `--yes`, or on the terminal. @throws CatalystError NOT_CONFIRMED */
export async function demandYes(isGiven: boolean, what: string, question: string, byDefault = true): Promise<void> {
  if (isGiven) return
  if (!canAsk()) throw needsYes(what)
  if (!(await confirm(question, byDefault))) throw cancelled()
}

/** For what must be confirmed where nobody can be asked. */
function needsYes(what: string): CatalystError {
  return new CatalystError(`${what} needs your yes, and there is no terminal to ask on.`, {
    code: 'NOT_CONFIRMED',
    exit: EXIT.usage,
    suggestions: [
      `Say it beforehand: ${['catalyst', ...withFlags(process.argv.slice(2), '--yes')].map((word) => quoteWord(word)).join(' ')}`,
    ],
  })
}
