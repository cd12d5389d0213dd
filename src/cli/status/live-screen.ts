import { otherScreen } from '#cli/screen.js'
import { type Clock, sleep } from '#core/platform/clock.js'
import type { ScreenLine } from './status-text.js'

/** A terminal's two ends. */
export interface Terminal {
  readonly stdin: Pick<NodeJS.ReadStream, 'isTTY' | 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>
  readonly stdout: Pick<NodeJS.WriteStream, 'columns' | 'rows' | 'write' | 'on' | 'off'>
}

/** A view that is read again and again, and drawn to a size. */
export interface LiveView<T> {
  read(): Promise<T>
  draw(seen: T, size: { readonly columns: number; readonly rows: number }): readonly ScreenLine[]
}

const KEYS_THAT_END = ['q', 'Q', '\u0003']
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Shows a view on the terminal's other screen and refreshes it in place, until q, Ctrl-C or a signal. The terminal is as
 * before afterwards, also after an error.
 */
export async function showLive<T>(
  clock: Clock,
  { stdin, stdout }: Terminal,
  { view, intervalMs }: { view: LiveView<T>; intervalMs: number },
): Promise<void> {
  const end = new AbortController()
  const ended = new Promise<undefined>((resolve) => end.signal.addEventListener('abort', () => resolve(undefined)))
  const stop = () => end.abort()
  const onKey = (keys: Buffer) => {
    if ([...keys.toString()].some((key) => KEYS_THAT_END.includes(key))) stop()
  }
  let seen = await view.read()
  const screen = otherScreen(stdout)
  const draw = () => {
    const { columns, rows } = stdout
    screen.draw(view.draw(seen, { columns, rows }))
  }
  const isRaw = stdin.isTTY === true
  process.on('exit', screen.leave) // also where an error of another part ends the process
  for (const signal of SIGNALS) process.on(signal, stop)
  stdout.on('resize', draw)
  stdin.on('data', onKey)
  try {
    if (isRaw) stdin.setRawMode(true)
    stdin.resume()
    screen.enter()
    while (!end.signal.aborted) {
      draw()
      await sleep(clock, intervalMs, end.signal)
      if (end.signal.aborted) break
      seen = (await Promise.race([view.read(), ended])) ?? seen
    }
  } finally {
    stdin.off('data', onKey)
    stdin.pause()
    if (isRaw) stdin.setRawMode(false)
    stdout.off('resize', draw)
    for (const signal of SIGNALS) process.off(signal, stop)
    process.off('exit', screen.leave)
    screen.leave()
  }
}
