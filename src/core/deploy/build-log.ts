import { appendText, removeFile } from '#core/system/files.js'
import type { DeployHome } from './deploy-home.js'

const MOST_BYTES = 10 * 1024 * 1024

/** All that the tools of one release have printed, without secrets: `releases/<name>.log`. */
export class BuildLog {
  readonly #home: Pick<DeployHome, 'asOwner' | 'redact'>
  readonly path: string
  #bytes = 0

  constructor(home: Pick<DeployHome, 'asOwner' | 'redact'>, path: string) {
    this.#home = home
    this.path = path
  }

  /** Begins anew: what an earlier try has printed goes. */
  begin(): void {
    this.#home.asOwner(() => removeFile(this.path))
    this.#bytes = 0
  }

  /** Writes a line, and answers it as it was written: without secrets. A full disk stops no installation. */
  write(line: string): string {
    const { asOwner, redact } = this.#home
    const text = redact(line)
    this.#bytes += Buffer.byteLength(text) + 1
    if (this.#bytes > MOST_BYTES) return text
    try {
      asOwner(() => appendText(this.path, `${text}\n`))
    } catch {
      // what is being installed will find out by itself
    }
    return text
  }
}
