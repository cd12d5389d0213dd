import { readText } from '#core/system/files.js'

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
  const heard = SIGNALS.filter((name) => name !== 'SIGHUP' || !ignoresHangup())
  const listeners = heard.map((name) => [name, () => ask(name)] as const)
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

/** Under nohup a hang-up must stay ignored, and node's own handler would undo that (SigIgn in proc(5), bit 0). */
function ignoresHangup(): boolean {
  if (process.platform !== 'linux') return false
  const mask = /^SigIgn:\s*([0-9a-f]+)/m.exec(readText('/proc/self/status') ?? '')?.[1] ?? '0'
  return (BigInt(`0x${mask}`) & 1n) === 1n
}
