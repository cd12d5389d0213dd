import { EXIT } from '#core/errors.js'
import type { OclifError } from './base-command.js'

/** The exit code of a question that was not answered (Monitoring Plugins Development Guidelines, UNKNOWN). */
const COULD_NOT_TELL = 3

/** Gives an error the exit code of a question that was not answered; one that ends a command well keeps its own. */
export function asNotTold(error: OclifError): OclifError {
  const exit = error.oclif?.exit
  Object.assign(error, { isUsage: exit === EXIT.usage })
  if (exit === EXIT.done) return error
  return Object.assign(error, { exit: COULD_NOT_TELL, exitCode: COULD_NOT_TELL, oclif: { exit: COULD_NOT_TELL } })
}
