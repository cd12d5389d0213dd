/**
 * Detects from the log writer's thread that the main thread's event loop is blocked, and where. It needs no help from
 * outside, so that it works on Windows, too.
 */

import type { Debugger } from 'node:inspector'
import { realClock } from '#core/platform/clock.js'
import { waitsOf } from '#core/platform/process/linux/proc.js'

/** The parameters of the watch over the main thread. Times are in milliseconds. */
export interface LoopWatch {
  /** One number in shared memory, which the main thread's event loop increments every `tickMs`. */
  readonly pulse: SharedArrayBuffer
  readonly tickMs: number
  /** The time after which a loop that stands still is blocked. */
  readonly blockedMs: number
}

const LONGEST_TICK_MS = 1000
const LONGEST_BLOCKED_MS = 5000
/**
 * The number of ticks after which a late poll means that the whole process stood still, by a signal or a sleeping
 * machine.
 */
const LATE_TICKS = 3
/** The number of frames that are kept, innermost first. */
const FRAMES = 20
/**
 * The wait for a stack: in native code the pause only comes with the next line of JavaScript; then the known part is
 * reported, and the rest later.
 */
const NATIVE_MS = 1000

/**
 * Returns the parameters for a freeze threshold: a loop counts as blocked well before that, and after 5 s at the
 * latest.
 */
export function loopWatch(freezeThresholdMs: number): LoopWatch {
  const blockedMs = Math.min(LONGEST_BLOCKED_MS, freezeThresholdMs / 2)
  return { pulse: new SharedArrayBuffer(4), tickMs: Math.min(LONGEST_TICK_MS, blockedMs / 4), blockedMs }
}

export type Loop = 'runs' | 'blocked' | 'still blocked' | 'runs again'

/** Makes a function that classifies each poll of the pulse at the time `now`. */
export function loopClassifier({ tickMs, blockedMs }: LoopWatch): (pulse: number, now: number) => Loop {
  let last: { pulse: number; now: number } | undefined
  let since = 0
  let isBlocked = false
  return (pulse, now) => {
    const stood = last?.pulse === pulse
    const isLate = last !== undefined && now - last.now > LATE_TICKS * tickMs
    last = { pulse, now }
    if (!stood || isLate) {
      since = now
      const was = isBlocked
      if (!stood) isBlocked = false
      return was && !isBlocked ? 'runs again' : 'runs'
    }
    if (isBlocked) return 'still blocked'
    isBlocked = now - since >= blockedMs
    return isBlocked ? 'blocked' : 'runs'
  }
}

/** The report of a blocked loop. */
export interface Blocked {
  /** The place, innermost first, as in stack traces; undefined while it is in native code. */
  readonly frames: readonly string[] | undefined
  /** The kernel function that the main thread waits in; Linux only. */
  readonly waits: string | undefined
}

/** Polls every tick; reports each block once (in native code twice), and its end. */
export function watchLoop(watch: LoopWatch, report: { blocked(what: Blocked): void; free(): void }): void {
  const pulse = new Int32Array(watch.pulse)
  const classify = loopClassifier(watch)
  setInterval(() => {
    const loop = classify(Atomics.load(pulse, 0), realClock.monotonic())
    if (loop === 'blocked') void whereBlocked(report.blocked)
    else if (loop === 'runs again') report.free()
  }, watch.tickMs)
}

/** Pauses the main thread for the moment that it takes to read its stack. */
async function whereBlocked(report: (what: Blocked) => void): Promise<void> {
  const { Session } = await import('node:inspector')
  const session = new Session()
  session.connectToMainThread()
  const urls = new Map<string, string>() // frames themselves name no file
  const native = setTimeout(() => report({ frames: undefined, waits: waitsOf(process.pid) }), NATIVE_MS)
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url))
  let isOurs = false
  session.once('Debugger.paused', ({ params }) => {
    clearTimeout(native)
    // a debugger had paused it already, and V8 says so even before it answers: not ours to resume
    if (isOurs) session.post('Debugger.resume', () => session.disconnect())
    else session.disconnect()
    report({ frames: params.callFrames.slice(0, FRAMES).map((frame) => frameText(frame, urls)), waits: undefined })
  })
  session.post('Debugger.enable', () => {
    isOurs = true
  })
  session.post('Debugger.pause') // at once: native code takes both when it returns
}

function frameText({ functionName, location }: Debugger.CallFrame, urls: ReadonlyMap<string, string>): string {
  const { scriptId, lineNumber, columnNumber = 0 } = location
  const at = `${urls.get(scriptId) ?? 'unknown'}:${lineNumber + 1}:${columnNumber + 1}`
  return functionName === '' ? at : `${functionName} (${at})`
}
