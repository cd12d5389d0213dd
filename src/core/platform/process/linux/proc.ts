import fs from 'node:fs'
import { basename } from 'node:path'

/** Returns the processes of this Linux, as listed in /proc (proc(5)). */
export function linuxPids(): number[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** Returns the command lines of the processes of this Linux, as far as this user may see them. */
export function linuxCommandLines(): string[][] {
  return linuxPids().flatMap((pid) => {
    const words = readIfAllowed(`/proc/${pid}/cmdline`)?.split('\0') ?? []
    return words.length > 1 ? [words] : []
  })
}

/**
 * Returns the kernel function that a thread of a process waits in; undefined if it doesn't wait, or if the kernel
 * doesn't tell.
 */
export function waitsOf(pid: number, thread = pid): string | undefined {
  const waits = readIfAllowed(`/proc/${pid}/task/${thread}/wchan`)
  return waits === '' || waits === '0' ? undefined : waits
}

/** Returns the content of a small file of the kernel's; undefined if it is not readable or its process has exited. */
export function readIfAllowed(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** The figures of a process in /proc/PID/stat, or of a thread in /proc/PID/task/TID/stat (proc(5)). */
interface Stat {
  readonly pid: number
  readonly parent: number
  readonly name: string
  /** R running, S sleeping, D waiting for a device, T and t stopped, Z and X exited. */
  readonly state: string
  /** The processor time since its start. */
  readonly cpuSeconds: number
  /** The time of its start, in clock ticks since the boot. */
  readonly started: number
}

/** The clock ticks per second in /proc, on every Linux that node runs on (sysconf(3), _SC_CLK_TCK). */
const TICKS = 100

/** Reads the file `stat` of this folder of /proc; undefined if its process has exited. */
export function readStat(folder: string): Stat | undefined {
  const text = readIfAllowed(`${folder}/stat`)
  if (text === undefined) return undefined
  const end = text.lastIndexOf(')') // the name may hold blanks and brackets
  const fields = text.slice(end + 2).split(' ')
  return {
    pid: Number.parseInt(text, 10),
    parent: Number(fields[1]),
    name: text.slice(text.indexOf('(') + 1, end),
    state: fields[0] ?? '?',
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
    started: Number(fields[19]),
  }
}

/** Returns the name of the file that a process runs; undefined for another user's, and the kernel's own. */
export function programName(pid: number): string | undefined {
  const path = programPath(pid)
  return path && basename(path).replace(/ \(deleted\)$/, '')
}

/** Returns the file that a process runs, with ` (deleted)` behind it where that was removed or replaced since. */
export function programPath(pid: number): string | undefined {
  try {
    return fs.readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return undefined
  }
}
