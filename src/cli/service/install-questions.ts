import { canAsk, confirm } from '#cli/prompts.js'
import { talk } from '#cli/screen.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { changesText } from '#core/service/operations/changes.js'
import type { InstallPlan } from '#core/service/operations/install.js'
import type { Questions } from '#core/service/operations/install-all.js'
import type { Services } from '#core/service/services.js'

/** Asks a person, if there is one and `--yes` hasn't answered. */
export function installQuestions({ manager }: Services, flags: { yes: boolean; noStart: boolean }): Questions {
  return {
    async replace(plan) {
      const text = `The entry ${plan.found?.place} was edited by hand. Installing would change these lines:\n${changesText(plan.changes)}`
      if (!flags.yes && !canAsk()) throw edited(text, plan, manager)
      talk(text)
      return flags.yes || confirm('Replace it?', false)
    },
    async start(name, how) {
      if (flags.noStart) return false
      if (flags.yes || !canAsk()) return true
      const question = how === 'start' ? `Start ${name} now?` : `Restart ${name} now to apply the changes?`
      return confirm(question, true, `${name} is installed, and was not ${how}ed.`)
    },
    enableWatchdog: async () => flags.yes || (canAsk() && confirm('Set WATCHDOG_ENABLED=1 in .env?', true)),
  }
}

/** Asks whether Chocolatey may install NSSM. */
export async function mayGetNssm(yes: boolean): Promise<boolean> {
  return yes || (canAsk() && confirm('NSSM is missing. Install it with Chocolatey (choco install nssm -y)?', true))
}

function edited(text: string, { spec, role }: InstallPlan, { kind, scope }: Services['manager']): CatalystError {
  const own = `Or keep your additions in a file of your own: systemctl ${scope === 'user' ? '--user ' : ''}edit ${spec.name}`
  return new CatalystError(`${text}\nIt stays as it is.`, {
    code: 'SERVICE_EDITED',
    exit: EXIT.failed,
    suggestions: [
      `Replace it: catalyst service install ${role === 'bot' ? '' : `${role} `}--yes`,
      ...(kind === 'systemd' ? [own] : []),
    ],
  })
}
