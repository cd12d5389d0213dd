import { CatalystError, EXIT } from '#core/errors.js'

/** Whether there is a person who could answer: both ends are a terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/**
 * Asks yes or no. The talk goes to stderr, since stdout is for the answer. Who answers with Ctrl-C is told how things
 * stand then.
 * @throws CatalystError NOT_CONFIRMED
 */
export async function confirm(message: string, byDefault: boolean, cancelledText?: string): Promise<boolean> {
  const { default: inquirer } = await import('inquirer')
  const prompt = inquirer.createPromptModule({ output: process.stderr })
  const question = prompt([{ type: 'confirm', name: 'yes', message, default: byDefault }])
  const answers = await cancellable(question, cancelledText)
  return answers.yes
}

/** Asks for a word; the offered one is taken with Enter. @throws CatalystError NOT_CONFIRMED */
export async function choose(message: string, offered: string): Promise<string> {
  const { default: inquirer } = await import('inquirer')
  const prompt = inquirer.createPromptModule({ output: process.stderr })
  const answers = await cancellable(prompt([{ type: 'input', name: 'word', message, default: offered }]))
  return answers.word.trim()
}

/** Asks for a secret, which is not shown. */
export async function askSecret(message: string): Promise<string> {
  const { default: inquirer } = await import('inquirer')
  const prompt = inquirer.createPromptModule({ output: process.stderr })
  const answers = await cancellable(prompt([{ type: 'password', name: 'secret', message }]))
  return answers.secret
}

/** Ctrl-C at a question. @throws CatalystError NOT_CONFIRMED */
async function cancellable<T>(answer: Promise<T>, text?: string): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') throw cancelled(text)
    throw error
  }
}

export function cancelled(howThingsStand = 'Nothing was changed.'): CatalystError {
  return new CatalystError(`Cancelled. ${howThingsStand}`, { code: 'NOT_CONFIRMED', exit: EXIT.failed })
}

/** For what must be confirmed where nobody can be asked. */
export function needsYes(what: string): CatalystError {
  return new CatalystError(`${what} needs your yes, and there is no terminal to ask on.`, {
    code: 'NOT_CONFIRMED',
    exit: EXIT.usage,
    suggestions: ['Say it beforehand: --yes'],
  })
}
