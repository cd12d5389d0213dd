import { listenForEnd } from '#core/bot/asked-to-end.js'
import type { Hooks, StepEvent } from '#core/deploy/steps.js'
import { harmless } from '#core/logging/plain.js'

const LIVE_MS = 200
/** Room for a line that a tool has printed. */
const MOST_COLUMNS = 100

/** How a deployment is shown: each step with its time, on a terminal live, and Ctrl-C as the wish to go back. */
export function deployHooks(): Hooks & { close(): void } {
  const { stderr } = process
  const isLive = stderr.isTTY === true
  const end = listenForEnd(() => write('It is ending already; please wait. If it is killed: catalyst deploy recover'))
  let current: { readonly text: string; readonly began: number } | undefined
  let detail = ''
  const clear = () => isLive && stderr.write('\r\u001B[K')
  const write = (text: string) => {
    clear()
    stderr.write(`${text}\n`)
  }
  const paint = () => {
    if (current === undefined || !isLive) return
    const seconds = Math.floor((performance.now() - current.began) / 1000)
    const line = `${current.text} … ${seconds} s${detail === '' ? '' : `  ${detail}`}`
    stderr.write(`\r\u001B[K${line.slice(0, Math.min(MOST_COLUMNS, (stderr.columns ?? 80) - 1))}`)
  }
  const timer = isLive ? setInterval(paint, LIVE_MS) : undefined
  timer?.unref()
  end.signal.addEventListener('abort', () =>
    write('Asked to end: it goes back, unless the version has proven itself already.'),
  )
  return {
    signal: end.signal,
    onStep({ text, state, ms }: StepEvent) {
      detail = ''
      if (state === 'begin') {
        current = { text: harmless(text), began: performance.now() }
        paint()
        return
      }
      current = undefined
      write(`${state === 'done' ? 'done  ' : 'FAILED'} ${harmless(text)} (${(ms / 1000).toFixed(1)} s)`)
    },
    onLine(line) {
      detail = harmless(line).replaceAll(/\s+/g, ' ')
      paint()
    },
    onWait({ status, reasons }) {
      detail = harmless([status, ...reasons.slice(0, 1)].join(': '))
      paint()
    },
    onWarning: (text) => write(harmless(text)),
    close() {
      clearInterval(timer)
      clear()
      end.stopListening()
    },
  }
}
