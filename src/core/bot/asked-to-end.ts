import { isatty } from 'node:tty'

/** Who asked the bot to end. */
export type Asker = 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGBREAK' | 'control'

export interface EndRequest {
  /** Aborts at the first request; its reason is the {@link Asker}. */
  readonly signal: AbortSignal
  /** Aborts when a person presses Ctrl-C a second time: no more waiting. */
  readonly hurry: AbortSignal
  readonly askedBy: () => Asker | undefined
  ask(by: Asker): void
  stopListening(): void
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'] as const

/** Listens for everything that asks this process to end. Asked again by a service manager, it simply goes on ending. */
export function listenForEnd(onRepeat: (by: Asker) => void): EndRequest {
  const end = new AbortController()
  const hurry = new AbortController()
  let askedBy: Asker | undefined
  const ask = (by: Asker) => {
    if (askedBy === undefined) {
      askedBy = by
      end.abort(by)
      return
    }
    if (by === 'SIGINT') hurry.abort(by)
    onRepeat(by)
  }
  const listeners = SIGNALS.map(
    (name) => [name, name === 'SIGHUP' && !canHangUp() ? () => {} : () => ask(name)] as const,
  )
  for (const [name, listener] of listeners) process.on(name, listener)
  return {
    signal: end.signal,
    hurry: hurry.signal,
    askedBy: () => askedBy,
    ask,
    stopListening() {
      for (const [name, listener] of listeners) process.off(name, listener)
    },
  }
}

/**
 * Without a terminal there is nobody to hang up: then we run under nohup, or as a service. That nohup wants the signal
 * ignored can't be seen, since node sets all signals to their defaults when it starts.
 */
function canHangUp(): boolean {
  return process.platform === 'win32' || [0, 1, 2].some((stream) => isatty(stream))
}
