import { Flags } from '@oclif/core'
import { BaseCommand } from '#cli/base-command.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { realClock } from '#core/platform/clock.js'
import type { LiveView } from './live-screen.js'
import { fittedLines, printLines } from './print-lines.js'
import type { ScreenLine } from './status-text.js'

const REFRESH_MS = 2000

/** The flag of commands that can refresh what they show. */
export const watchFlag = Flags.boolean({
  char: 'w',
  summary: `Refresh it in place every ${REFRESH_MS / 1000} s, until q or Ctrl-C.`,
  exclusive: ['json'],
})

/** The base of commands that show one screen. */
export abstract class ScreenCommand extends BaseCommand {
  /** Prints lines once, cut to the terminal's width. */
  protected show(lines: readonly ScreenLine[]): void {
    if (!this.jsonEnabled()) printLines(lines)
  }

  /**
   * Shows lines on the terminal's other screen, and refreshes them until the person ends it.
   * @throws CatalystError USAGE where there is no terminal
   */
  protected watch<T>(
    read: () => Promise<T>,
    linesOf: (seen: T, columns: number) => readonly ScreenLine[],
  ): Promise<never> {
    return this.watchView({ read, draw: (seen, { columns }) => linesOf(seen, columns) })
  }

  /**
   * Shows a view with keys of its own, as {@link watch} does.
   * @throws CatalystError USAGE where there is no terminal
   */
  protected async watchView<T>(view: LiveView<T>): Promise<never> {
    if (process.stdout.isTTY !== true) {
      throw new CatalystError('--watch needs a terminal.', {
        code: 'USAGE',
        exit: EXIT.usage,
        suggestions: [`Show it once: catalyst ${this.id}`],
      })
    }
    const { showLive } = await import('./live-screen.js')
    await showLive(realClock, process, {
      intervalMs: REFRESH_MS,
      view: {
        read: () => view.read(),
        draw: (seen, size) => fittedLines(view.draw(seen, size), size.columns).slice(0, size.rows),
        ...(view.press && { press: (key) => view.press?.(key) ?? 'draw' }),
        ...(view.opened && { opened: (redraw) => view.opened?.(redraw) }),
      },
    })
    return this.exit(0)
  }
}
