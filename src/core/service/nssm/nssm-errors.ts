import { CatalystError, EXIT } from '#core/errors.js'
import { failureText, type RunResult } from '#core/platform/process/processes.js'
import type { Fault } from '#core/service/manager.js'
import { asAdministrator, permissionDenied } from '#core/service/rights.js'
import { quoteWord } from '#core/text.js'
import { LOCAL_SYSTEM } from './nssm-args.js'
import { serviceKey } from './nssm-registry.js'

export function queryDenied(name: string, home: string): CatalystError {
  return permissionDenied(`You have no permission to query the service ${name}.`, asAdministrator(home))
}

export function unusable(name: string, { why, remedy }: Fault): CatalystError {
  return new CatalystError(`The service ${name} can't be repaired: ${why}.`, {
    code: 'SERVICE_COMMAND_FAILED',
    exit: EXIT.failed,
    suggestions: [remedy],
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
  return new CatalystError(`NSSM doesn't report the state of the service ${name}: ${failureText(answer)}`, {
    code: 'SERVICE_COMMAND_FAILED',
    exit: EXIT.failed,
    suggestions: [`Ask Windows itself: sc queryex ${name}`],
  })
}

/**
 * Makes the error for an interrupted installation that has recorded no account: completed without it, its bot would run
 * as the system itself.
 */
export function accountForgotten(account: string): CatalystError {
  return new CatalystError(`The interrupted installation is for the account ${account}.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: [
      `Name it again: catalyst service install --account ${quoteWord(account, 'win32')}`,
      `Or have it run as the system itself: catalyst service install --account ${LOCAL_SYSTEM}`,
    ],
  })
}
