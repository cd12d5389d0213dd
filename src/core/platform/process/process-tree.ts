import fs from 'node:fs'
import { type Clock, sleep } from '#core/platform/clock.js'
import { linuxPids, programName, readIfAllowed, readStat, waitsOf } from './linux/proc.js'
import { withDescendants } from './with-descendants.js'

/** A process with its resource usage. */
export interface ProcessUse {
  readonly pid: number
  readonly parent: number
  /** The program's name, without the arguments: these may hold secrets. */
  readonly name: string
  /** Resident memory in bytes. */
  readonly rssBytes: number
  /** The share of one core, over the last {@link CPU_MS} on Linux, unless another time is asked for; elsewhere as the system reports it. */
  readonly cpuPercent: number
  /** The state that the system reports. Linux: R running, S sleeping, D waiting for a device, T stopped, Z exited. */
  readonly state: string
  /** The threads; Linux only. */
  readonly threads?: readonly ThreadState[]
}

interface ThreadState {
  readonly id: number
  readonly name: string
  readonly state: string
  /** The kernel function that it waits in, if this user may see it. */
  readonly waits?: string
  /** Its stack in the kernel, if this user may see it. */
  readonly kernelStack?: readonly string[]
}

/** The time over which processor time is measured, on Linux. */
const CPU_MS = 500

/** Returns the resource usage of these processes and their descendants; those that are gone are left out. */
export async function observeTree(clock: Clock, roots: readonly number[], cpuMs = CPU_MS): Promise<ProcessUse[]> {
  const before = new Map((await treeOf(roots)).map(({ pid, cpuSeconds }) => [pid, cpuSeconds]))
  const began = clock.monotonic()
  if (process.platform === 'linux') await sleep(clock, cpuMs)
  const seconds = Math.max(1, clock.monotonic() - began) / 1000
  return (await treeOf(roots)).map(({ cpuSeconds, ...use }) => {
    if (cpuSeconds === undefined) return use
    const used = cpuSeconds - (before.get(use.pid) ?? cpuSeconds)
    return { ...use, cpuPercent: Math.round((used / seconds) * 100), threads: threadsOf(use.pid) }
  })
}

type Seen = ProcessUse & {
  /** The processor time since its start; Linux only. */
  readonly cpuSeconds?: number
}

async function treeOf(roots: readonly number[]): Promise<Seen[]> {
  const all = process.platform === 'linux' ? linuxProcesses() : await otherProcesses()
  return withDescendants(all, roots)
}

/** Returns the resident memory of these processes and their descendants, in bytes. Shared pages count for each. */
export async function memoryOfTree(roots: readonly number[]): Promise<number> {
  return (await treeOf(roots)).reduce((sum, { rssBytes }) => sum + rssBytes, 0)
}

/** Returns the threads of a process, as Linux shows them; empty elsewhere. */
function threadsOf(pid: number): ThreadState[] {
  const folder = `/proc/${pid}/task`
  try {
    return fs.readdirSync(folder).flatMap((id) => threadState(pid, Number(id)))
  } catch {
    return [] // exited, another user's, or no Linux
  }
}

function threadState(pid: number, id: number): ThreadState[] {
  const folder = `/proc/${pid}/task/${id}`
  const stat = readStat(folder)
  if (stat === undefined) return []
  const waits = waitsOf(pid, id)
  const stack = readIfAllowed(`${folder}/stack`)
  return [
    {
      id,
      name: stat.name,
      state: stat.state,
      ...(waits && { waits }),
      ...(stack && { kernelStack: stack.split('\n') }),
    },
  ]
}

function linuxProcesses(): Seen[] {
  return linuxPids()
    .flatMap((pid) => readStat(`/proc/${pid}`) ?? [])
    .map(({ pid, parent, name, state, cpuSeconds }) => ({
      pid,
      parent,
      name: programName(pid) ?? name, // a process may call itself anything, with node 24 `MainThread`
      rssBytes: rssOf(pid),
      cpuPercent: 0,
      cpuSeconds,
      state,
    }))
}

function rssOf(pid: number): number {
  const kb = /^VmRSS:\s+(\d+) kB/m.exec(readIfAllowed(`/proc/${pid}/status`) ?? '')?.[1]
  return Number(kb ?? 0) * 1024
}

async function otherProcesses(): Promise<Seen[]> {
  const { processes } = await import('systeminformation')
  const { list } = await processes()
  return list.map(({ pid, parentPid, name, memRss, cpu, state }) => ({
    pid,
    parent: parentPid,
    name,
    rssBytes: memRss * 1024,
    cpuPercent: Math.round(cpu * 10) / 10,
    state,
  }))
}
