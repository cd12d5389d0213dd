import { askSecret, type Choice, canAsk, chooseFrom, confirm, typeWord } from '#cli/prompts.js'
import { CatalystError, EXIT } from '#core/errors.js'

/** The source of answers: the flags and proposals alone (`--yes`), or a person, too. */
export class Asker {
  readonly #takesProposals: boolean

  constructor(takesProposals: boolean) {
    this.#takesProposals = takesProposals
  }

  /** Returns yes or no: the flag, else the proposal, else what a person says. */
  decide(flag: boolean | undefined, question: string, proposed = true): Promise<boolean> {
    return this.#answer(flag, proposed, question, () => confirm(question, proposed))
  }

  /** Returns a word: the flag, else the proposal, else what is typed. */
  word(
    flag: string | undefined,
    question: string,
    proposed: string,
    validate?: (word: string) => true | string,
  ): Promise<string> {
    return this.#answer(flag, proposed, question, () => typeWord(question, validate, proposed || undefined))
  }

  /**
   * Returns a secret, which is never shown: a given one, else what is typed, else the proposed one; empty where there is
   * none.
   */
  secret(
    given: string | undefined,
    question: string,
    { proposed = '', validate }: { proposed?: string; validate?: (word: string) => true | string } = {},
  ): Promise<string> {
    return this.#answer(given, proposed, question, async () => (await askSecret(question, validate)).trim() || proposed)
  }

  /** Returns the value of a choice: the flag, else the proposed one, else what is chosen. */
  choose(
    flag: string | undefined,
    question: string,
    choices: readonly Choice[],
    proposed = choices[0]?.value ?? '',
  ): Promise<string> {
    return this.#answer(flag, proposed, question, () => chooseFrom(question, { choices, first: choices[0]?.value }))
  }

  async #answer<T>(given: T | undefined, proposed: T, question: string, ask: () => Promise<T>): Promise<T> {
    if (given !== undefined) return given
    if (this.#takesProposals) return proposed
    if (!canAsk()) throw needsAnswers(question)
    return ask()
  }

  /** True where a person can be asked again, after an answer that does not work. */
  get isPerson(): boolean {
    return !this.#takesProposals && canAsk()
  }
}

function needsAnswers(question: string): CatalystError {
  return new CatalystError(`There is no terminal to ask on: ${question} Nothing was changed.`, {
    code: 'NOT_CONFIRMED',
    exit: EXIT.usage,
    suggestions: [
      'Take what is proposed: catalyst init --yes',
      'Or answer by flags (--command, --name, --proof, --port, --set, --alert-channel, and --alert, --service, --watchdog, --deploy, --drill or --no-…): catalyst init --help',
    ],
  })
}
