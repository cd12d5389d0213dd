import { printOwn } from '#core/platform/output/capture-output.js'
import { printable } from '#core/printable.js'

/** Prints a message to the person at the screen. A failure to write it affects nothing else. */
export function tell(text: string): void {
  try {
    printOwn(() => process.stderr.write(`catalyst: ${printable(text)}\n`))
  } catch {
    // a full disk behind a redirection throws
  }
}
