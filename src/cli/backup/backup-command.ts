import { BaseCommand } from '#cli/base-command.js'
import { columnsOf, redraw, talk } from '#cli/screen.js'
import { fitted } from '#cli/width.js'
import type { Progress } from '#core/backup/restic/restic-output.js'
import type { BackupHooks } from '#core/backup/run-backup.js'
import { listenForStop } from '#core/bot/stop-request.js'
import { Home } from '#core/home/home.js'
import { harmless } from '#core/logging/read/plain.js'
import { realClock } from '#core/platform/clock.js'
import { sizeText } from '#core/text.js'

const REFRESH_MS = 200

/** The base of the commands on backups. Root becomes the owner of the home for them: restic is run, and files are written. */
export abstract class BackupCommand extends BaseCommand {
  static override enableJsonFlag = true

  /** Returns the home with its settings; those that have nothing to do with backups may have faults. */
  protected home(flags: { home?: string | undefined }): Home {
    return Home.open(realClock, this.pathsToRead(flags), process.env)
  }

  /** Does work that Ctrl-C cancels, and shows on a terminal what is done. */
  protected async withProgress<T>(work: (hooks: Required<BackupHooks>) => Promise<T>): Promise<T> {
    const isLive = process.stderr.isTTY === true && !this.jsonEnabled()
    const end = listenForStop(() => this.logToStderr('It is being cancelled already; please wait.'))
    let current = ''
    let progress: Progress | undefined
    const began = performance.now()
    const paint = () => {
      const done =
        progress === undefined ? '' : `  ${Math.floor(progress.ratio * 100)} % of ${sizeText(progress.totalBytes)}`
      const line = `${current} … ${Math.floor((performance.now() - began) / 1000)} s${done}`
      redraw(fitted(harmless(line), (columnsOf(process.stderr) ?? 80) - 1))
    }
    const timer = isLive ? setInterval(paint, REFRESH_MS) : undefined
    try {
      return await work({
        signal: end.signal,
        say: (text) => {
          progress = undefined
          current = text
          if (!isLive && !this.jsonEnabled()) talk(harmless(text))
        },
        onProgress: (now) => {
          progress = now
        },
      })
    } finally {
      clearInterval(timer)
      if (isLive) redraw('')
      end.stopListening()
    }
  }
}
