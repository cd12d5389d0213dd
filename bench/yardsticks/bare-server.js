// The yardstick for whatever answers: node:http and nothing else. It prints its port, and writes its pid into a file.
import { writeFileSync } from 'node:fs'
import http from 'node:http'

const [port = 0, pidFile] = process.argv.slice(2)
const server = http.createServer((_, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': 3 })
  response.end('ok\n')
})
server.listen(Number(port), '127.0.0.1', () => {
  if (pidFile !== undefined) writeFileSync(pidFile, String(process.pid))
  process.stdout.write(`${server.address().port}\n`)
})
