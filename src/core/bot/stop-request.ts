import { isatty } from 'node:tty'

/** The source of a request to stop. */
export type StopSource = 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGBREAK' | 'control'

export interface StopRequest {
  /** The signal that aborts at the first request; its reason is the {@link StopSource}. */
  readonly signal: AbortSignal
  /** The signal that aborts when a person presses Ctrl-C a second time: no more waiting. */
  readonly hurry: AbortSignal
  readonly askedBy: () => StopSource | undefined
  ask(by: StopSource): void
  stopListening(): void
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'] as const

/**
 * Listens for everything that asks this process to stop. Asked again by a service manager, it simply goes on stopping.
 */
export function listenForStop(onRepeat: (by: StopSource) => void): StopRequest {
  const stop = new AbortController()
  const hurry = new AbortController()
  let askedBy: StopSource | undefined
  const ask = (by: StopSource) => {
    if (askedBy === undefined) {
      askedBy = by
      stop.abort(by)
      return
    }
    if (by === 'SIGINT') hurry.abort(by)
    onRepeat(by)
  }
  const listeners = SIGNALS.map(
    (name) => [name, name === 'SIGHUP' && !hasTerminal() ? () => {} : () => ask(name)] as const,
  )
  for (const [name, listener] of listeners) process.on(name, listener)
  return {
    signal: stop.signal,
    hurry: hurry.signal,
    askedBy: () => askedBy,
    ask,
    stopListening() {
      for (const [name, listener] of listeners) process.off(name, listener)
    },
  }
}

/**
 * Returns whether SIGHUP can come from a terminal. Without one we run under nohup, or as a service. That nohup ignores
 * the signal can't be detected, since node resets all signals when it starts.
 */
function hasTerminal(): boolean {
  return process.platform === 'win32' || [0, 1, 2].some((stream) => isatty(stream))
}
