import { readdirSync, readFileSync } from 'node:fs'

const TICK_US = 10_000 // USER_HZ is 100 wherever Linux runs today

/**
 * Returns the processor time that a process has used, in µs: by the scheduler's own count of each thread where the kernel
 * has that; else in steps of 10 ms. Linux only.
 */
export function cpuUs(pid: number): number {
  try {
    const tasks = `/proc/${pid}/task`
    const times = readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0])
    return times.reduce((sum, ns) => sum + Number(ns) / 1000, 0)
  } catch {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_US
  }
}

/** The memory of a process, in MB. */
export interface Memory {
  /** What it has in memory, with what it shares with others. */
  readonly resident: number
  /** What would be free if it were gone. */
  readonly own: number
}

/** Reads the memory of a process (proc(5): smaps_rollup). Linux only. */
export function memoryOf(pid: number): Memory {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const mb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1]) / 1024
  return { resident: mb('Rss'), own: mb('Private_Clean') + mb('Private_Dirty') }
}
