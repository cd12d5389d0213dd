/** Says something to the person at the screen. Where that can't be written, nothing else suffers. */
export function tell(text: string): void {
  try {
    process.stderr.write(`catalyst: ${text}\n`)
  } catch {
    // a full disk behind a redirection throws
  }
}
