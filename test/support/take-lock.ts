// Takes the lock that is named, says what it got, and holds it until its standard input ends.
import { acquireLock } from '#core/state/lock.js'
import { realClock } from '#core/system/clock.js'
import { thisProcess } from '#core/system/processes.js'

const got = await acquireLock(realClock, process.argv[2] as string, { ...thisProcess(), instance: String(process.pid) })
process.stdout.write(JSON.stringify(got))
process.stdin.resume().on('end', () => process.exit())
