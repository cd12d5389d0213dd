// Takes the lock that is named, says what it got, and holds it until its standard input ends.
import { acquireLock } from '#core/home/lock.js'
import { realClock } from '#core/platform/clock.js'
import { thisProcess } from '#core/platform/process/process-id.js'

const got = await acquireLock(realClock, process.argv[2] as string, { ...thisProcess(), instance: String(process.pid) })
process.stdout.write(JSON.stringify(got))
process.stdin.resume().on('end', () => process.exit())
