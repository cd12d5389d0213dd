import { socketsOf } from '#core/platform/process/linux/open-sockets.js'
import { readIfAllowed, readStat } from '#core/platform/process/linux/proc.js'
import { run } from '#core/platform/process/processes.js'
import type { ProgramObservation } from './signs.js'
import { connectionsOf, parseSockets, SS_ARGS } from './sockets.js'

/** The time limit for ss, which answers within some ms. */
const SS_MS = 5000
/** The folders in which ss may be, too: a service's PATH may lack those of administration. */
const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** Returns what the kernel tells of a program and all that it started; undefined where it has exited. Linux only. */
export async function observeProgram(pid: number): Promise<ProgramObservation | undefined> {
  const pids = treeOf(pid)
  const stats = pids.flatMap((one) => readStat(`/proc/${one}`) ?? [])
  if (stats.length === 0) return undefined
  return {
    connections: await connectionsOfAll(pids),
    cpuSeconds: stats.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    isStopped: stats.every(({ state }) => state === 'T' || state === 't' || state === 'Z'),
  }
}

/** Returns a process and its descendants, from the list of children that each thread has (proc(5)). */
function treeOf(pid: number): number[] {
  const found = [pid]
  for (const one of found) {
    const children = readIfAllowed(`/proc/${one}/task/${one}/children`) ?? ''
    found.push(...children.split(' ').filter(Boolean).map(Number))
  }
  return found
}

/** Returns the connections of these processes to others; undefined where ss or the rights to see them are missing. */
async function connectionsOfAll(pids: readonly number[]): Promise<ProgramObservation['connections']> {
  const inodes = await socketsOf(pids)
  if (inodes === undefined) return undefined
  if (inodes.size === 0) return []
  const env = { PATH: `${process.env.PATH ?? ''}:${SYSTEM_PATH}` }
  const { exit, stdout } = await run('ss', SS_ARGS, { timeoutMs: SS_MS, env })
  return exit === 0 ? connectionsOf(parseSockets(stdout), inodes) : undefined
}
