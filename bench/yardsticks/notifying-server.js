// The yardstick for a freeze: a bare server that tells systemd that it lives, as systemd.service(5) wants it of WatchdogSec=.
import { spawn } from 'node:child_process'
import http from 'node:http'

const [port] = process.argv.slice(2)
const notify = (...fields) => spawn('systemd-notify', fields, { stdio: 'ignore' })
http
  .createServer((_, response) => response.end('ok\n'))
  .listen(Number(port), '127.0.0.1', () => {
    notify('READY=1', 'WATCHDOG=1')
    setInterval(() => notify('WATCHDOG=1'), Number(process.env.WATCHDOG_USEC) / 3000)
  })
