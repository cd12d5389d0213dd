// Loaded before the program by NODE_OPTIONS: answers at a socket what can't be seen from outside, such as the memory that
// is in use once all garbage is gone. It keeps nothing alive, and does nothing until it is asked.
const { isMainThread } = require('node:worker_threads')

if (isMainThread && process.env.SOAK_CONTROL) {
  const net = require('node:net')
  const { join } = require('node:path')
  const v8 = require('node:v8')
  const vm = require('node:vm')

  const Timeout = setTimeout(() => {}).unref().constructor
  v8.setFlagsFromString('--expose-gc')
  const gc = vm.runInNewContext('gc')

  const answers = {
    measure() {
      gc()
      const timers = v8.queryObjects(Timeout) // it collects once more: what the first time has only made ready to go
      const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage()
      return {
        live_heap_bytes: heapUsed,
        external_bytes: external + arrayBuffers,
        rss_bytes: rss,
        timers,
        resources: process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap').length,
      }
    },
    snapshot: (path) => ({ path: v8.writeHeapSnapshot(path) }),
  }

  net
    .createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (words) => {
        const [what, ...args] = words.toString().trim().split(' ')
        socket.end(JSON.stringify(answers[what](...args)))
      })
    })
    .on('error', () => {})
    .listen(join(process.env.SOAK_CONTROL, `${process.pid}.sock`))
    .unref()
}
