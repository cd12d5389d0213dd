import { join } from 'node:path'
import { type Descriptors, serviceLogs } from '#core/logging/service-logs.js'
import { divertOutput } from '#core/system/divert-output.js'

/**
 * Sends what this process prints to the logs of the service, unless its manager does that already, as NSSM does through
 * a pipe. As the home's owner: a manager that opens them as root could be led elsewhere by a link. Where they can't be
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
