import os from 'node:os'
import { basename } from 'node:path'
import { withDescendants } from '#core/platform/process/with-descendants.js'
import { linuxPids, programName, readIfAllowed } from './proc.js'

/** A process of a tree, with the signals that it catches. */
export interface SignalProcess {
  readonly pid: number
  readonly parent: number
  /** The name of its program, such as `python3.11`; without its version where a link has none. */
  readonly name: string
  /** The name of its first argument: the script of an interpreter. */
  readonly script: string
  readonly catches: readonly NodeJS.Signals[]
}

/** Returns a process and its descendants, as Linux shows them in /proc; empty once it has exited. */
export function linuxSignalTree(root: number): SignalProcess[] {
  const all = linuxPids().flatMap((pid) => readProcess(pid) ?? [])
  return withDescendants(all, [root]).map(({ pid, parent, status }) => signalProcess(pid, parent, status))
}

function readProcess(pid: number): { pid: number; parent: number; status: string } | undefined {
  const status = readIfAllowed(`/proc/${pid}/status`)
  const parent = /^PPid:\s+(\d+)$/m.exec(status ?? '')?.[1]
  if (status === undefined || parent === undefined || /^State:\s+[ZX]/m.test(status)) return undefined
  return { pid, parent: Number(parent), status }
}

function signalProcess(pid: number, parent: number, status: string): SignalProcess {
  const [, script = ''] = (readIfAllowed(`/proc/${pid}/cmdline`) ?? '').split('\0')
  const comm = /^Name:\s+(.*)$/m.exec(status)?.[1] ?? ''
  return { pid, parent, name: programName(pid) ?? comm, script: basename(script), catches: caughtIn(status) }
}

/** Returns the signals that a process has handlers for, by the content of /proc/PID/status (proc(5): SigCgt). */
export function caughtIn(status: string): NodeJS.Signals[] {
  const mask = BigInt(`0x${/^SigCgt:\s+([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  const all = Object.entries(os.constants.signals) as [NodeJS.Signals, number][]
  return all.filter(([, number]) => ((mask >> BigInt(number - 1)) & 1n) === 1n).map(([name]) => name)
}
