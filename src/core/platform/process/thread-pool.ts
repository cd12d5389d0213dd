const NAME = 'UV_THREADPOOL_SIZE'
/** No number that anybody else would choose. */
const THREADS = '23'

/**
 * Gives this process more threads for its questions to disks than the four of node, unless somebody has chosen a number:
 * a disk that hangs keeps a thread. Call it before the first question.
 */
export function growThreadPool(environment: NodeJS.ProcessEnv = process.env): void {
  environment[NAME] ??= THREADS
}

/** Returns an environment without what {@link growThreadPool} has added. */
export function withoutThreadPool(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { [NAME]: threads, ...rest } = environment
  return threads === THREADS ? rest : environment
}
