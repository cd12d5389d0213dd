import type { Logger } from 'pino'
import { firstLineOf } from '#core/bot/runners/shebang.js'
import { messageOf } from '#core/errors.js'
import { type Clock, every } from '#core/platform/clock.js'
import { linuxSignalTree } from '#core/platform/process/linux/caught-signals.js'
import { signal, signalGroup } from '#core/platform/process/signals.js'
import { type StopSignal, type StopTarget, stopByWords, stopTarget } from './stop-target.js'

export interface AskedProgram {
  readonly pid: number
  /** The program and its arguments. */
  readonly words: readonly string[]
  readonly stopSignal: StopSignal
  readonly log: Logger
  readonly hasExited: () => boolean
}

const POLL_INTERVAL_MS = 250
/** The time that a launcher may go on after the bot behind it has ended: for the cleanup of a shell script. */
const LAUNCHER_MS = 3000

/** Sends a program the signal to stop. Returns what ends the watch over a launcher, which may start another bot. */
export function askToStop(clock: Clock, program: AskedProgram): () => void {
  if (process.platform === 'win32' || program.hasExited()) return () => {}
  return process.platform === 'linux' ? askInTree(clock, program) : askByWords(program)
}

function askByWords({ pid, words, stopSignal, log }: AskedProgram): () => void {
  const program = words[0] as string
  const asked = stopByWords(words, stopSignal, program.includes('/') ? firstLineOf(program) : '')
  if (asked.isForGroup) signalGroup(pid, asked.signal)
  else send({ pid, signal: asked.signal }, log)
  return () => {}
}

/** Asks the bot behind a launcher, also one that is started in its place, and a launcher that does not end after it. */
function askInTree(clock: Clock, { pid: root, stopSignal, log, hasExited }: AskedProgram): () => void {
  const target = () => stopTarget(linuxSignalTree(root), root, stopSignal)
  const first = target()
  send(first, log)
  if (first.pid === root) return () => {}
  const asked = new Set([first.pid])
  const until = () => clock.monotonic() + LAUNCHER_MS
  let launcherUntil = until()
  const askLauncher = () => {
    if (!asked.has(root)) send({ pid: root, signal: 'SIGTERM' }, log)
    asked.add(root)
  }
  return every(clock, POLL_INTERVAL_MS, () => {
    if (hasExited()) return
    const now = target()
    if (now.pid === root) {
      if (clock.monotonic() >= launcherUntil) askLauncher()
      return
    }
    launcherUntil = until()
    if (asked.has(now.pid)) return
    askLauncher() // it has started the bot again
    asked.add(now.pid)
    send(now, log)
  })
}

function send({ pid, signal: name }: StopTarget, log: Logger): void {
  try {
    signal(pid, name)
  } catch (error) {
    log.warn(`${name} can't be sent to process ${pid}: ${messageOf(error)}`)
  }
}
