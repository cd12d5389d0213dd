import { CatalystError, EXIT } from '#core/errors.js'
import type { Change } from '#core/service/changes.js'
import type { Questions } from '#core/service/install-all.js'
import { canAsk, confirm } from './prompts.js'

/** Asks a person, where there is one and `--yes` hasn't answered. */
export function installQuestions(flags: { yes: boolean; start: boolean }): Questions {
  const ask = async (question: string, byDefault: boolean) => flags.yes || (await confirm(question, byDefault))
  return {
    async replace({ found, changes }) {
      const text = `Somebody has changed ${found?.place}. Installing anew would make of it:\n${changesText(changes)}`
      if (!flags.yes && !canAsk()) throw edited(text)
      process.stderr.write(`${text}\n`)
      return ask('Replace it?', false)
    },
    async start(name, how) {
      if (!flags.start) return false
      if (flags.yes || !canAsk()) return true
      const question = how === 'start' ? `Start ${name} now?` : `Restart ${name} now, so that it holds?`
      return confirm(question, true, `${name} is installed, and was not ${how}ed.`)
    },
    enableWatchdog: async () => flags.yes || (canAsk() && confirm('Set WATCHDOG_ENABLED=1 in .env?', true)),
  }
}

/** Whether Chocolatey may install NSSM. */
export async function mayGetNssm(yes: boolean): Promise<boolean> {
  return yes || (canAsk() && confirm('NSSM is missing. Install it with Chocolatey (choco install nssm -y)?', true))
}

function changesText(changes: readonly Change[]): string {
  if (changes.length === 0) return '(only blanks, or the order of lines)'
  return changes
    .flatMap(({ is, becomes }) =>
      [is === undefined ? [] : `- ${is}`, becomes === undefined ? [] : `+ ${becomes}`].flat(),
    )
    .join('\n')
}

function edited(text: string): CatalystError {
  return new CatalystError(`${text}\nIt stays as it is.`, {
    code: 'SERVICE_EDITED',
    exit: EXIT.failed,
    suggestions: [
      'Replace it: catalyst service install --yes',
      'Keep what you added in a file that is yours, on Linux: systemctl edit NAME',
    ],
  })
}
