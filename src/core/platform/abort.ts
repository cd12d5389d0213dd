/**
 * Resolves once the work has ended, or the signal aborts and `isLeft` returns true: the work then goes on by itself. It
 * leaves nothing behind at either, however often it is called with one signal.
 */
export function orAborted(work: Promise<void>, signal: AbortSignal, isLeft = () => true): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      if (isLeft()) resolve()
    }
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
