// The yardstick for a crash: starts a program, writes its pid down, and starts it again as soon as it has ended.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'

const [pidFile, ...argv] = process.argv.slice(2)
let child
function start() {
  child = spawn(process.execPath, argv, { stdio: 'ignore' })
  writeFileSync(pidFile, String(child.pid))
  child.once('exit', start)
}
start()
process.once('SIGTERM', () => {
  child.removeListener('exit', start)
  child.kill('SIGKILL')
  process.exit()
})
