/**
 * A gateway on loopback for bot.mjs to connect to: it greets, and answers heartbeats.
 *
 *   node gateway.mjs [PORT] [SECONDS BETWEEN HEARTBEATS]
 *
 * The port's default is 9100; 0 takes any free one. Each line that is typed here goes to all bots as an event.
 */
import net from 'node:net'
import { createInterface } from 'node:readline'

const [port = '9100', seconds = '5'] = process.argv.slice(2)
const bots = new Set()
const send = (socket, message) => socket.write(`${JSON.stringify(message)}\n`)

const server = net.createServer((socket) => {
  bots.add(socket)
  socket.on('error', () => {})
  socket.on('close', () => bots.delete(socket))
  const lines = createInterface({ input: socket })
  lines.on('error', () => {}) // the socket's, told a second time
  lines.on('line', (text) => {
    if (text === '{"op":"heartbeat"}') send(socket, { op: 'ack' })
    if (text === '{"op":"bye"}') console.log('a bot said goodbye')
  })
  send(socket, { op: 'hello', heartbeat_ms: Number(seconds) * 1000 })
})

server.listen(Number(port), '127.0.0.1', () => console.log(`listening on tcp://127.0.0.1:${server.address().port}`))
createInterface({ input: process.stdin }).on('line', (text) => {
  for (const socket of bots) send(socket, { op: 'event', text })
})
