import type { Home } from '#core/home/home.js'
import { appendText, removeFile } from '#core/platform/fs/write-files.js'

const MAX_BYTES = 10 * 1024 * 1024

/** The output of all tools of one release, without secrets: `releases/<name>.log`. */
export class BuildLog {
  readonly #home: Pick<Home, 'asOwner' | 'redact'>
  readonly path: string
  #bytes = 0

  constructor(home: Pick<Home, 'asOwner' | 'redact'>, path: string) {
    this.#home = home
    this.path = path
  }

  /** Begins anew, and removes the output of an earlier try. */
  begin(): void {
    this.#home.asOwner(() => removeFile(this.path))
    this.#bytes = 0
  }

  /** Writes a line, and returns it as it was written: without secrets. A full disk stops no installation. */
  write(line: string): string {
    const { asOwner, redact } = this.#home
    const text = redact(line)
    this.#bytes += Buffer.byteLength(text) + 1
    if (this.#bytes > MAX_BYTES) return text
    try {
      asOwner(() => appendText(this.path, `${text}\n`))
    } catch {
      // the installation will find that out by itself
    }
    return text
  }
}
