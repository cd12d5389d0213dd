import { columnsOf, redraw, talk } from '#cli/screen.js'
import { fitted } from '#cli/width.js'
import { listenForStop } from '#core/bot/stop-request.js'
import type { Hooks, StepEvent } from '#core/deploy/run/steps.js'
import { type Announced, announcedIn, announcedText } from '#core/health/announced/announced.js'
import { harmless } from '#core/logging/read/plain.js'

const LIVE_MS = 200
/** The maximum width of the live line, which shows what a tool has printed. */
const MAX_COLUMNS = 100

/** Shows each step of a deployment with its time, on a terminal live, and lets Ctrl-C cancel the deployment. */
export function deployHooks(): Hooks & { close(): void } {
  const { stderr } = process
  const isLive = stderr.isTTY === true
  const end = listenForStop(() =>
    write('It is being cancelled already; please wait. If it is killed: catalyst deploy recover'),
  )
  let current: { readonly text: string; readonly began: number } | undefined
  let detail = ''
  let extended: Announced | undefined
  const write = (text: string) => {
    redraw('')
    talk(text)
  }
  const paint = () => {
    if (current === undefined || !isLive) return
    const seconds = Math.floor((performance.now() - current.began) / 1000)
    const line = `${current.text} … ${seconds} s${detail === '' ? '' : `  ${detail}`}`
    redraw(fitted(line, Math.min(MAX_COLUMNS, (columnsOf(stderr) ?? 80) - 1)))
  }
  const timer = isLive ? setInterval(paint, LIVE_MS) : undefined
  timer?.unref()
  end.signal.addEventListener('abort', () =>
    write('Cancelling: it rolls back, unless the version has proven itself already.'),
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
    onWait({ status, reasons, report }) {
      const longer = announcedIn(report?.starting)
      if (longer !== undefined && longer.until !== extended?.until)
        write(`The start takes longer: ${announcedText(longer)}. It is waited for.`)
      extended = longer ?? extended
      detail = harmless([status, ...reasons.slice(0, 1)].join(': '))
      paint()
    },
    onWarning: (text) => write(harmless(text)),
    close() {
      clearInterval(timer)
      redraw('')
      end.stopListening()
    },
  }
}
