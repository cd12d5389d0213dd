import { socketsOf } from '#core/platform/process/open-sockets.js'
import { readIfAllowed } from '#core/platform/process/proc.js'
import { run } from '#core/platform/process/processes.js'
import type { Observation } from './signs.js'
import { connectionsOf, parseSockets, SS_ARGS } from './sockets.js'

/** The time limit for ss, which answers within some ms. */
const SS_MS = 5000
/** Where ss is, too: a service's PATH may lack the folders of administration. */
const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'
/** The clock ticks per second in /proc, on every Linux that node runs on (sysconf(3), _SC_CLK_TCK). */
const TICKS = 100

/** Returns what the kernel tells of a program and all that it started; undefined where it has exited. Linux only. */
export async function observeProgram(pid: number): Promise<Observation | undefined> {
  const pids = treeOf(pid)
  const stats = pids.flatMap((one) => statOf(`/proc/${one}`) ?? [])
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

function statOf(folder: string): { state: string; cpuSeconds: number } | undefined {
  const text = readIfAllowed(`${folder}/stat`)
  if (text === undefined) return undefined
  const [state = '?', ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state, cpuSeconds: (Number(fields[10]) + Number(fields[11])) / TICKS }
}

/** Returns the connections of these processes to others; undefined where ss or the rights to see them are missing. */
async function connectionsOfAll(pids: readonly number[]): Promise<Observation['connections']> {
  const inodes = await socketsOf(pids)
  if (inodes === undefined) return undefined
  if (inodes.size === 0) return []
  const env = { PATH: `${process.env.PATH ?? ''}:${SYSTEM_PATH}` }
  const { exit, stdout } = await run('ss', SS_ARGS, { timeoutMs: SS_MS, env })
  return exit === 0 ? connectionsOf(parseSockets(stdout), inodes) : undefined
}
