/**
 * Sees from the log writer's thread that the main thread's event loop is blocked, and where. It needs nobody's help from
 * outside, so that it works on Windows, too.
 */

import type { Debugger } from 'node:inspector'
import { waitsOf } from '#core/system/proc.js'

/** How the watch over the main thread is kept. Times are in milliseconds. */
export interface LoopWatch {
  /** One number in shared memory, which the main thread's event loop counts up every `tickMs`. */
  readonly pulse: SharedArrayBuffer
  readonly tickMs: number
  /** A loop that stands still for this long is blocked. */
  readonly blockedMs: number
}

const LONGEST_TICK_MS = 1000
const LONGEST_BLOCKED_MS = 5000
/** A look that comes this many ticks late tells that the whole process stood still, by a signal or a sleeping machine. */
const LATE_TICKS = 3
/** Frames that are kept, innermost first. */
const FRAMES = 20
/** In native code the pause only comes with the next line of JavaScript: then it is told what is known, and later more. */
const NATIVE_MS = 1000

/** A loop is called blocked well before that counts as a freeze, and after 5 s at the latest. */
export function loopWatch(freezeThresholdMs: number): LoopWatch {
  const blockedMs = Math.min(LONGEST_BLOCKED_MS, freezeThresholdMs / 2)
  return { pulse: new SharedArrayBuffer(4), tickMs: Math.min(LONGEST_TICK_MS, blockedMs / 4), blockedMs }
}

export type Loop = 'runs' | 'blocked' | 'still blocked' | 'runs again'

/** What a look at the pulse at the time `now` says, look after look. */
export function loopJudge({ tickMs, blockedMs }: LoopWatch): (pulse: number, now: number) => Loop {
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

/** What is told of a blocked loop. */
export interface Blocked {
  /** Where, innermost first, as stack traces have it; undefined while it is in native code. */
  readonly frames: readonly string[] | undefined
  /** What the kernel has the main thread wait for; Linux only. */
  readonly waits: string | undefined
}

/** Looks every tick; tells of each block once (in native code twice), and of its end. */
export function watchLoop(watch: LoopWatch, tell: { blocked(what: Blocked): void; free(): void }): void {
  const pulse = new Int32Array(watch.pulse)
  const judge = loopJudge(watch)
  setInterval(() => {
    const loop = judge(Atomics.load(pulse, 0), performance.now())
    if (loop === 'blocked') void whereBlocked(tell.blocked)
    else if (loop === 'runs again') tell.free()
  }, watch.tickMs)
}

/** Stops the main thread for the moment that it takes to read its stack. */
async function whereBlocked(tell: (what: Blocked) => void): Promise<void> {
  const { Session } = await import('node:inspector')
  const session = new Session()
  session.connectToMainThread()
  const urls = new Map<string, string>() // frames themselves name no file
  const native = setTimeout(() => tell({ frames: undefined, waits: waitsOf(process.pid) }), NATIVE_MS)
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url))
  let isOurs = false
  session.once('Debugger.paused', ({ params }) => {
    clearTimeout(native)
    // somebody who debugs it had stopped it already, and V8 tells so even before it answers: not ours to end
    if (isOurs) session.post('Debugger.resume', () => session.disconnect())
    else session.disconnect()
    tell({ frames: params.callFrames.slice(0, FRAMES).map((frame) => frameText(frame, urls)), waits: undefined })
  })
  session.post('Debugger.enable', () => {
    isOurs = true
  })
  session.post('Debugger.pause') // at once: what is in native code now takes both when it comes back
}

function frameText({ functionName, location }: Debugger.CallFrame, urls: ReadonlyMap<string, string>): string {
  const { scriptId, lineNumber, columnNumber = 0 } = location
  const at = `${urls.get(scriptId) ?? 'unknown'}:${lineNumber + 1}:${columnNumber + 1}`
  return functionName === '' ? at : `${functionName} (${at})`
}
