/**
 * Calls `note` when something in this process ends it (`process.exit` in a bot's module). Only what is done at once is
 * still done then. Its answer becomes the exit code.
 */
export function onSuddenExit(note: (code: number) => number): () => void {
  const listener = (code: number) => {
    process.exitCode = note(code)
  }
  process.once('exit', listener)
  return () => process.off('exit', listener)
}
