// The yardstick for a ping: node:http and nothing else.
import http from 'node:http'

const server = http.createServer((_, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': 3 })
  response.end('ok\n')
})
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => process.stdout.write(String(server.address().port)))
