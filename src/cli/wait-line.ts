import { columnsOf, redraw } from './screen.js'
import { fitted } from './width.js'

/** The time from which on a wait is shown. */
const SHOWN_AFTER_MS = 1000
const REFRESH_MS = 200

/** The last line of a terminal while something is waited for: what, and for how long already. */
export class WaitLine {
  #began: number | undefined
  #isShown = false

  /** Shows what is waited for. It is called again and again; without a terminal, or within a second, it shows nothing. */
  show(what: string): void {
    const now = performance.now()
    this.#began ??= now
    const waitedMs = now - this.#began
    if (waitedMs < SHOWN_AFTER_MS) return
    this.#isShown = true
    const line = `${what} … ${Math.floor(waitedMs / 1000)} s`
    redraw(fitted(line, (columnsOf(process.stderr) ?? 80) - 1))
  }

  /** Removes the line, for other output or at the end; the time goes on. */
  hide(): void {
    if (this.#isShown) redraw('')
    this.#isShown = false
  }
}

/** Does work, and shows on a terminal what is waited for meanwhile; nothing else may be printed or asked then. */
export async function showWait<T>(what: string, work: () => Promise<T>): Promise<T> {
  const line = new WaitLine()
  const show = () => line.show(what)
  show()
  const timer = setInterval(show, REFRESH_MS)
  timer.unref()
  try {
    return await work()
  } finally {
    clearInterval(timer)
    line.hide()
  }
}
