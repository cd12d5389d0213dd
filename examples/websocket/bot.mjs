/**
 * A program that knows nothing of Catalyst: it keeps a websocket open to a gateway, answers its pings, and connects anew
 * when the connection ends. What it does not notice, as most bots do not, is a gateway that falls silent.
 *
 * In .env:
 *   BOT_COMMAND=node bot.mjs
 *   BOT_PROOF=network
 *   GATEWAY_URL=ws://127.0.0.1:9200
 */
import WebSocket from 'ws'

const LONGEST_PAUSE_MS = 30_000
let pauseMs = 1000

function connect() {
  const socket = new WebSocket(process.env.GATEWAY_URL ?? 'ws://127.0.0.1:9200')
  socket.on('open', () => {
    pauseMs = 1000
    console.log('INFO connected')
  })
  socket.on('message', (data) => console.log(`INFO ${data}`))
  socket.on('error', (error) => console.log(`WARNING ${error.message || error.code}`))
  socket.on('close', () => {
    setTimeout(connect, pauseMs)
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
  })
}

connect()
