import { setFlagsFromString } from 'node:v8'

/**
 * Lets V8 rather keep this process's heap small than be fast, from now on: it collects sooner, and nothing else changes.
 * For a process with one thread, in which no code of others runs. Once the bundle and node's modules are loaded: V8 takes a
 * code cache, and node has one for each of its modules, only with the flags that it was made with.
 */
export function preferSmallHeap(): void {
  setFlagsFromString('--optimize-for-size')
}
