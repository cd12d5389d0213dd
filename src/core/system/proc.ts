import fs from 'node:fs'

/** The processes of this Linux, as /proc has them (proc(5)). */
export function linuxPids(): number[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** What the kernel has a thread of this process wait for; undefined for nothing, or where it isn't told. */
export function waitsOf(pid: number, thread = pid): string | undefined {
  const waits = readIfAllowed(`/proc/${pid}/task/${thread}/wchan`)
  return waits === '' || waits === '0' ? undefined : waits
}

/** A small file of the kernel's; undefined also for what has ended meanwhile. */
export function readIfAllowed(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}
