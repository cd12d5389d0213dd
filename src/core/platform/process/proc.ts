import fs from 'node:fs'

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
