/**
 * Calls `note` when something in this process makes it exit (`process.exit` in a bot's module). Only synchronous work
 * is still done then. The returned number becomes the exit code.
 */
export function onSuddenExit(note: (code: number) => number): () => void {
  const listener = (code: number) => {
    process.exitCode = note(code)
  }
  process.once('exit', listener)
  return () => process.off('exit', listener)
}
