import { otherScreen } from '#cli/screen.js'
import { type Clock, sleep } from '#core/platform/clock.js'
import { type Key, keysOf } from './keys.js'
import type { ScreenLine } from './status-text.js'

/** A terminal's two ends. */
export interface Terminal {
  readonly stdin: Pick<NodeJS.ReadStream, 'isTTY' | 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>
  readonly stdout: Pick<NodeJS.WriteStream, 'columns' | 'rows' | 'write' | 'on' | 'off'>
}

/** The size of a terminal, in characters. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

/** A view that is read again and again, and drawn to a size. */
export interface LiveView<T> {
  read(): Promise<T>
  draw(seen: T, size: Size): readonly ScreenLine[]
  /** Takes a key, and returns what follows. Without it q and Ctrl-C end the view. */
  press?(key: Key): 'end' | 'read' | 'draw'
  /** Takes what draws the view anew, for what changes between two reads. */
  opened?(redraw: () => void): void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Windows knows no stopped processes. */
const CAN_STOP = process.platform !== 'win32'

/**
 * Shows a view on the terminal's other screen and refreshes it in place, until a key or a signal ends it. The terminal is
 * as before afterwards, also after an error, and while the process is stopped with Ctrl-Z.
 */
export async function showLive<T>(
  clock: Clock,
  { stdin, stdout }: Terminal,
  { view, intervalMs }: { view: LiveView<T>; intervalMs: number },
): Promise<void> {
  const end = new AbortController()
  const ended = new Promise<undefined>((resolve) => end.signal.addEventListener('abort', () => resolve(undefined)))
  const stop = () => end.abort()
  let wake = new AbortController()
  end.signal.addEventListener('abort', () => wake.abort())
  let seen = await view.read()
  const screen = otherScreen(stdout)
  let isAway = false
  const draw = () => {
    if (isAway) return // a timer that was due meanwhile comes before SIGCONT: it would draw over the shell's own screen
    const { columns, rows } = stdout
    screen.draw(view.draw(seen, { columns, rows }))
  }
  const isRaw = stdin.isTTY === true
  const enter = () => {
    if (isRaw) stdin.setRawMode(true)
    screen.enter()
  }
  const leave = () => {
    if (isRaw) stdin.setRawMode(false)
    screen.leave()
  }
  const press = (key: Key) => {
    if (key === 'ctrl-z') {
      if (CAN_STOP) process.kill(0, 'SIGTSTP') // the whole job, as the terminal does by itself
      return
    }
    const next = view.press?.(key) ?? (ENDING.includes(key) ? 'end' : undefined)
    if (next === 'end') stop()
    else if (next !== undefined) draw()
    if (next === 'read') wake.abort()
  }
  const onKeys = (sent: Buffer) => {
    for (const key of keysOf(sent.toString())) if (!end.signal.aborted) press(key)
  }
  process.on('exit', screen.leave) // also where an error of another part ends the process
  stdout.on('resize', draw)
  stdin.on('data', onKeys)
  const unhandle = handleSignals({
    onEnd: stop,
    onStop() {
      isAway = true
      leave()
    },
    onContinue() {
      isAway = false
      enter()
      draw()
    },
  })
  view.opened?.(() => {
    if (!end.signal.aborted) draw()
  })
  try {
    stdin.resume()
    enter()
    while (!end.signal.aborted) {
      draw()
      await sleep(clock, intervalMs, wake.signal)
      if (end.signal.aborted) break
      wake = new AbortController()
      seen = (await Promise.race([view.read(), ended])) ?? seen
    }
  } finally {
    stdin.off('data', onKeys)
    stdin.pause()
    stdout.off('resize', draw)
    unhandle()
    process.off('exit', screen.leave)
    leave()
    end.abort()
  }
}

const ENDING: readonly Key[] = ['q', 'Q', 'ctrl-c']

/** Handles the signals that end the process, and those with which a shell stops and continues it. Returns what ends that. */
function handleSignals({
  onEnd,
  onStop,
  onContinue,
}: Readonly<Record<'onEnd' | 'onStop' | 'onContinue', () => void>>): () => void {
  const stopped = () => {
    onStop()
    process.kill(process.pid, 'SIGSTOP')
  }
  for (const signal of SIGNALS) process.on(signal, onEnd)
  if (CAN_STOP) process.on('SIGTSTP', stopped).on('SIGCONT', onContinue)
  return () => {
    for (const signal of SIGNALS) process.off(signal, onEnd)
    if (CAN_STOP) process.off('SIGTSTP', stopped).off('SIGCONT', onContinue)
  }
}
