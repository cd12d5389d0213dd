// Loaded before a program: at SIGUSR2 its main thread is blocked for ever, while a side thread lives on.
import { Worker } from 'node:worker_threads'

new Worker('setInterval(() => {}, 100)', { eval: true }).unref()
process.on('SIGUSR2', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
