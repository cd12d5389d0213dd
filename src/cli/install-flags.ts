import { Flags } from '@oclif/core'
import { scopeFlags } from './service-command.js'

/** How `service install` installs. */
export const installFlags = {
  ...scopeFlags,
  name: Flags.string({
    summary: "The service's name, remembered for the home. Default: BOT_NAME.",
    helpValue: 'NAME',
  }),
  account: Flags.string({
    summary:
      'Windows: the account it runs as. Default: LocalSystem. Its password is asked for, or taken from CATALYST_ACCOUNT_PASSWORD.',
    helpValue: 'ACCOUNT',
  }),
  'with-watchdog': Flags.boolean({ summary: 'Install the watchdog beside the bot, and set WATCHDOG_ENABLED=1.' }),
  'no-start': Flags.boolean({ summary: 'Do not start it.' }),
  'dry-run': Flags.boolean({ summary: 'Print exactly what would be written and run, and do nothing.' }),
  yes: Flags.boolean({
    char: 'y',
    summary: 'Do not ask. Also replaces an entry that was edited by hand, and sets WATCHDOG_ENABLED=1.',
  }),
}
