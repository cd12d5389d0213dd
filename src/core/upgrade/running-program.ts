import { dirname } from 'node:path'
import { packageFile } from '#core/platform/package.js'
import { programPath } from '#core/platform/process/linux/proc.js'

/**
 * Returns whether a process runs this program already, as far as that can be told: on Linux, where node is part of the
 * program. There each version has a node of its own.
 */
export function runsThisProgram(pid: number): boolean {
  const hasOwnNode = dirname(process.execPath) === packageFile('..', 'runtime')
  return hasOwnNode && programPath(pid) === process.execPath
}
