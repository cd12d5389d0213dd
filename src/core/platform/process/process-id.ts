import fs from 'node:fs'
import os from 'node:os'
import { codeOf } from '#core/errors.js'
import { systemProgram } from '#core/platform/windows/windows.js'
import { readStat } from './linux/proc.js'

/** The identity of a process. A pid alone may have been used again, so its start time and boot come with it. */
export interface ProcessId {
  readonly pid: number
  /** The time when the process began. Linux: clock ticks since boot; elsewhere milliseconds since 1970. */
  readonly started: number
  /** The identity of this boot of the machine. */
  readonly boot: string
}

/**
 * The tolerance outside Linux, where some systems and ps round start times to a second, and none is read to the
 * millisecond.
 */
const START_TOLERANCE_MS = 2500

export function thisProcess(): ProcessId {
  const started = process.platform === 'linux' ? linuxStart(process.pid) : Math.round(performance.timeOrigin)
  return { pid: process.pid, started: started ?? Math.round(performance.timeOrigin), boot: bootId() }
}

export async function identify(pid: number): Promise<ProcessId | undefined> {
  const started = await startOf(pid)
  return started === undefined ? undefined : { pid, started, boot: bootId() }
}

/**
 * Returns whether exactly this process still runs. Linux's start times count from the boot. Elsewhere they belong to
 * one boot alone, while the time of the boot itself moves when the clock is set; only where the system reports no start
 * time, the boot and the pid decide.
 */
export async function isRunning(id: ProcessId): Promise<boolean> {
  if (!pidExists(id.pid)) return false
  if (process.platform === 'linux') return sameBoot(id.boot) && linuxStart(id.pid) === id.started
  const started = await startOf(id.pid)
  if (started === undefined) return sameBoot(id.boot) && pidExists(id.pid)
  return Math.abs(started - id.started) < START_TOLERANCE_MS
}

/**
 * Returns whether this process has certainly exited, by what can be seen at once. Elsewhere than on Linux its pid may
 * be another's by now: good enough for a caller that polls.
 */
export function hasExited({ pid, started }: ProcessId): boolean {
  return !pidExists(pid) || (process.platform === 'linux' && linuxStart(pid) !== started)
}

/** Returns whether a process of this number runs on this machine, whoever's it is. */
export function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** Returns this machine's name. */
export function hostName(): string {
  return os.hostname()
}

let boot: string | undefined

/** Returns Linux's own boot id; elsewhere the minute in which the machine booted. */
function bootId(): string {
  boot ??= readBootId()
  return boot
}

function readBootId(): string {
  if (process.platform === 'linux') return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return String(Math.round((Date.now() / 1000 - os.uptime()) / 60))
}

function sameBoot(other: string): boolean {
  if (process.platform === 'linux') return other === bootId()
  return Math.abs(Number(other) - Number(bootId())) <= 2 // a clock that was set moves the computed boot time
}

async function startOf(pid: number): Promise<number | undefined> {
  if (process.platform === 'linux') return linuxStart(pid)
  const question: [string, string[]] =
    process.platform === 'win32'
      ? [
          systemProgram('WindowsPowerShell\\v1.0\\powershell.exe'),
          [
            '-NoProfile',
            '-NonInteractive',
            '-Command',
            `[DateTimeOffset]::new((Get-Process -Id ${pid}).StartTime).ToUnixTimeMilliseconds()`,
          ],
        ]
      : ['ps', ['-o', 'lstart=', '-p', String(pid)]]
  const { QUERY_TIMEOUT_MS, run } = await import('./processes.js') // Linux needs no program for it
  const { stdout } = await run(...question, { timeoutMs: QUERY_TIMEOUT_MS })
  const text = stdout.trim()
  if (text === '') return undefined
  const started = process.platform === 'win32' ? Number(text) : Date.parse(text)
  return Number.isFinite(started) ? started : undefined
}

/** Returns when a process of Linux has started, in clock ticks since the boot. A zombie has exited. */
export function linuxStart(pid: number): number | undefined {
  const stat = readStat(`/proc/${pid}`)
  return stat === undefined || stat.state === 'Z' || stat.state === 'X' ? undefined : stat.started
}
