import { AsyncLocalStorage } from 'node:async_hooks'

type Handle = (error: unknown) => void

const handlers = new AsyncLocalStorage<Handle>()

/** Does this work, and all that it begins, so that an error of it that nobody catches goes to `handle`. */
export function guarded<T>(handle: Handle, work: () => T): T {
  return handlers.run(handle, work)
}

/**
 * Gives each error that nobody caught, and that would else end this process, to the {@link guarded} work that it comes
 * from, and to `handle` where that isn't known. The returned function ends that.
 */
export function catchStrayErrors(handle: Handle): () => void {
  const listener = (error: unknown) => (handlers.getStore() ?? handle)(error)
  process.on('uncaughtException', listener)
  process.on('unhandledRejection', listener)
  return () => {
    process.off('uncaughtException', listener)
    process.off('unhandledRejection', listener)
  }
}
