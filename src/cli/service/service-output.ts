import { join } from 'node:path'
import { type Descriptors, serviceLogs } from '#core/logging/service-logs.js'
import { divertOutput } from '#core/platform/process/divert-output.js'

/**
 * Sends the output of this process to the logs of the service, unless its manager does that already, as NSSM does
 * through a pipe. As the home's owner: a link could lead a manager that opens them as root elsewhere. If they can't be
 * opened, all stays as it is.
 */
export function toServiceLogs(folder: string, role: 'bot' | 'watchdog'): Descriptors {
  if (process.platform === 'win32') return { 1: 1, 2: 2 }
  const [out, err] = serviceLogs(role)
  return {
    1: divertOutput(process.stdout, 1, join(folder, out.name)),
    2: divertOutput(process.stderr, 2, join(folder, err.name)),
  }
}
