import { setFlagsFromString } from 'node:v8'

/**
 * Lets V8 rather keep this process's heap small than be fast, from now on: it collects sooner, and nothing else changes.
 * For a process with one thread, in which no code of others runs. Once the bundle and node's modules are loaded: V8 takes a
 * code cache, and node has one for each of its modules, only with the flags that it was made with.
 */
export function preferSmallHeap(): void {
  setFlagsFromString('--optimize-for-size')
}

/**
 * Keeps V8 from compiling what runs often once more, from now on: its optimizing compiler brings 4 MB of code into memory.
 * For a process that computes for milliseconds a minute, where a minute later it would be there for nothing.
 */
export function leaveOutOptimizer(): void {
  setFlagsFromString('--no-opt')
}
