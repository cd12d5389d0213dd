import type { ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import { until } from './until.js'

/** In the environment of all that a test starts, with the test's folder: so that it can be found and ended. */
export const MARK = 'E2E_FOLDER'

/** Returns whether the process still works; one that has ended and is only not yet collected doesn't. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  if (process.platform !== 'linux') return true
  const stat = readOrEmpty(`/proc/${pid}/stat`)
  return !/^(Z|X|)$/.test(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[0] ?? '')
}

/** Ends children and whatever carries the mark of one of the folders, each by its own pid. */
export async function endAll(children: Set<ChildProcess>, folders: readonly string[]): Promise<void> {
  const running = [...children].filter((child) => child.exitCode === null && child.signalCode === null)
  const gone = running.map((child) => new Promise((resolve) => child.once('exit', resolve)))
  for (const child of running) child.kill('SIGKILL')
  await Promise.all(gone)
  children.clear()
  await until(() => {
    const left = marked(folders)
    for (const pid of left) process.kill(pid, 'SIGKILL')
    return left.length === 0
  })
}

/** Returns the command lines of what was started in this folder and still runs, by pid. Linux only. */
export function commandLines(folder: string): Map<number, string> {
  const words = (pid: number) => readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
  return new Map(marked([folder]).map((pid) => [pid, words(pid)]))
}

function marked(folders: readonly string[]): number[] {
  if (process.platform !== 'linux' || folders.length === 0) return []
  return fs
    .readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      const environment = `\0${readOrEmpty(`/proc/${pid}/environ`)}`
      return folders.some((folder) => environment.includes(`\0${MARK}=${folder}\0`)) && isAlive(Number(pid))
    })
    .map(Number)
}

function readOrEmpty(path: string): string {
  try {
    return fs.readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
