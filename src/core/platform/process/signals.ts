import type { ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { codeOf } from '#core/errors.js'
import { systemProgram } from '#core/platform/windows/windows.js'
import { linuxPids } from './linux/proc.js'
import { linuxStart } from './process-id.js'
import { QUERY_TIMEOUT_MS, run } from './processes.js'

/** Sends a signal to one process; one that is gone is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error
  }
}

/**
 * Kills a child and all that it started, at once. On POSIX the child must lead a process group of its own, as
 * `start` makes it. {@link pidsWithEnvironment} finds what left the group.
 */
export async function killTree(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return
  if (process.platform !== 'win32') {
    signalGroup(child.pid, 'SIGKILL')
    return
  }
  await taskkill(child.pid)
  child.kill() // in case taskkill failed, at least the child itself
}

/** Kills a process that isn't our child, on Windows with all that it started. One that is gone is fine. */
export async function killProcessTree(pid: number): Promise<void> {
  if (process.platform === 'win32') await taskkill(pid)
  signal(pid, 'SIGKILL')
}

/** Kills a process with all that it started, as Windows itself does. */
async function taskkill(pid: number): Promise<void> {
  await run(systemProgram('taskkill.exe'), ['/pid', String(pid), '/t', '/f'], { timeoutMs: QUERY_TIMEOUT_MS })
}

/**
 * Returns what is left of what we started: the process group that `leader` leads, as its negative number, and every
 * process with `NAME=value` in its environment.
 */
export function leftBehind(leader: number | undefined, name: string, value: string): number[] {
  const isGroup = leader !== undefined && process.platform !== 'win32' && signalGroup(leader, 0)
  return [...(isGroup ? [-leader] : []), ...pidsWithEnvironment(name, value)]
}

/** Sends a signal to a whole process group; returns false when no process is left in it. */
export function signalGroup(leader: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, name)
    return true
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false
    if (codeOf(error) === 'EPERM') return true
    throw error
  }
}

/**
 * Returns the processes whose environment holds exactly `NAME=value`: finds what forked itself away from its parent.
 * Only Linux shows other processes' environments; elsewhere the result is empty.
 */
export function pidsWithEnvironment(name: string, value: string): number[] {
  return process.platform === 'linux' ? linuxPids().filter(hasInEnvironment(name, value)) : []
}

/** The number of processes that are looked at in one turn of the event loop: some 2 ms. */
const PIDS_A_TURN = 16

/** Does the same as {@link pidsWithEnvironment} and lets the event loop turn meanwhile, as there may be many processes. */
export async function findPidsWithEnvironment(name: string, value: string): Promise<number[]> {
  if (process.platform !== 'linux') return []
  const [all, isOne] = [linuxPids(), hasInEnvironment(name, value)]
  const found: number[] = []
  for (let at = 0; at < all.length; at += PIDS_A_TURN) {
    found.push(...all.slice(at, at + PIDS_A_TURN).filter(isOne))
    await nextTurn()
  }
  return found
}

function hasInEnvironment(name: string, value: string): (pid: number) => boolean {
  const pair = `\0${name}=${value}\0`
  return (pid) => pid !== process.pid && environmentOf(pid).includes(pair) && linuxStart(pid) !== undefined
}

function environmentOf(pid: number): string {
  try {
    return `\0${fs.readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`
  } catch {
    return '' // exited meanwhile, or another user's
  }
}
