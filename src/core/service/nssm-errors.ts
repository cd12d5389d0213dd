import { CatalystError, EXIT } from '#core/errors.js'
import { type RunResult, saidBy } from '#core/system/processes.js'
import { quoteWord } from '#core/text.js'
import type { Fault } from './manager.js'
import { LOCAL_SYSTEM } from './nssm-args.js'
import { serviceKey } from './nssm-registry.js'
import { asAdministrator, noRight } from './rights.js'

export function mayNotAsk(name: string, home: string): CatalystError {
  return noRight(`You may not ask Windows about the service ${name}.`, asAdministrator(home))
}

export function unusable(name: string, { why, wayOut }: Fault): CatalystError {
  return new CatalystError(`The service ${name} can't be mended: ${why}.`, {
    code: 'SERVICE_COMMAND_FAILED',
    exit: EXIT.failed,
    suggestions: [wayOut],
  })
}

export function noPassword(account: string): CatalystError {
  return new CatalystError(`A service that runs as ${account} needs that account's password, and none was given.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: ['Set CATALYST_ACCOUNT_PASSWORD for this one command, or run it on a terminal, where it asks.'],
  })
}

export function unreadable(name: string): CatalystError {
  return new CatalystError(`There is a service ${name}, but its settings can't be read.`, {
    code: 'SERVICE_COMMAND_FAILED',
    exit: EXIT.failed,
    suggestions: [`See what Windows says: reg export ${serviceKey(name)} %TEMP%\\key.reg`],
  })
}

export function noAnswer(name: string, answer: RunResult): CatalystError {
  return new CatalystError(`NSSM doesn't say how the service ${name} is: ${saidBy(answer)}`, {
    code: 'SERVICE_COMMAND_FAILED',
    exit: EXIT.failed,
    suggestions: [`Ask Windows itself: sc queryex ${name}`],
  })
}

/** An installation that was cut off has recorded no account: completed without it, its bot would become almighty. */
export function accountForgotten(account: string): CatalystError {
  return new CatalystError(`The installation that was cut off is for the account ${account}.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: [
      `Name it again: catalyst service install --account ${quoteWord(account, 'win32')}`,
      `Or have it run as the system itself: catalyst service install --account ${LOCAL_SYSTEM}`,
    ],
  })
}
