/** A process whose standard output and error a service manager appends to files; see service-logs.test.ts. */
import fs from 'node:fs'
import { keepServiceLogsShort } from '#core/logging/service-logs.js'
import { until } from '../../support/e2e/until.js'
import { FakeClock } from '../../support/fake-clock.js'
import { filesOf } from './support.js'

const LENGTH_INTERVAL_MS = 10_000

const [folder = ''] = process.argv.slice(2)
const clock = new FakeClock()
let n = 0
/** Lines of ten bytes. */
const print = (descriptor: 1 | 2, count: number) => {
  for (let i = 0; i < count; i++) fs.writeSync(descriptor, `line ${String(n++).padStart(4, '0')}\n`)
}
const compressed = (count: number) => until(() => filesOf(folder, 'service_stdout.log').filter(isGz).length === count)
const isGz = (file: string) => file.endsWith('.gz')
const size = () => fs.statSync(`${folder}/service_stdout.log`).size
const sizes: number[] = []

const onFault = (why: string) => fs.writeSync(2, `${why}\n`)
print(1, 30)
print(2, 5)
const stop = keepServiceLogsShort(clock, {
  role: 'bot',
  folder,
  retention: { days: 7, maxBytes: 1e9 },
  limitBytes: 100,
  onFault,
})
sizes.push(size())
print(1, 1)
await compressed(1)
await clock.turn(LENGTH_INTERVAL_MS - 1)
print(1, 10)
sizes.push(size())
await clock.turn(1)
sizes.push(size())
print(1, 2)
await compressed(2)
await clock.turn(LENGTH_INTERVAL_MS)
sizes.push(size())
stop()
print(1, 30)
await clock.turn(2 * LENGTH_INTERVAL_MS)
sizes.push(size())
process.send?.(sizes)
process.disconnect?.()
