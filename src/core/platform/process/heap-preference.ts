import { setFlagsFromString } from 'node:v8'

/**
 * Lets V8 rather keep this process's heap small than be fast, from now on: it collects sooner, and nothing else changes.
 * For a process with one thread, in which no code of others runs. Once the bundle is loaded: V8 takes a code cache only
 * with the flags that it was made with.
 */
export function preferSmallHeap(): void {
  setFlagsFromString('--optimize-for-size')
}
