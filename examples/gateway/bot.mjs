/**
 * A bot that keeps one connection open, as chat and market-data gateways want it: JSON lines over TCP, heartbeats at
 * the pace that the gateway names, reconnecting with back-off. It runs by itself, so it tells Catalyst when it works:
 * each answered heartbeat is a cycle. A connection that is open but dead brings none, and that is noticed.
 *
 * In .env:
 *   BOT_MODULE=bot.mjs
 *   GATEWAY_URL=tcp://127.0.0.1:9100
 *
 * A gateway to try it with: node gateway.mjs 9100
 * Without Catalyst: GATEWAY_URL=tcp://127.0.0.1:9100 node bot.mjs
 */
import { realpathSync } from 'node:fs'
import net from 'node:net'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 60_000
/** A gateway that says nothing after the connection is made is given up after this long. */
const HELLO_MS = 10_000

let socket
let timer
let ended = false
let attempts = 0

const bot = {
  name: 'gateway',

  start(ctx) {
    const address = ctx.settings.GATEWAY_URL
    if (!address || !URL.canParse(address)) throw new Error('GATEWAY_URL must be like tcp://127.0.0.1:9100')
    connect(ctx, new URL(address))
  },

  /** Says goodbye, and waits until that has gone out. */
  async stop() {
    ended = true
    clearTimeout(timer)
    if (socket && !socket.connecting && !socket.destroyed) {
      await new Promise((resolve) => socket.once('close', resolve).end(line({ op: 'bye' }), () => socket.destroy()))
    }
    socket?.destroy()
  },
}

export default bot

function connect(ctx, { hostname, port }) {
  socket = net.connect({ host: hostname, port: Number(port) })
  let beatMs = 0
  let answered = true
  let trouble = 'the gateway closed the connection'

  const giveUp = (why) => {
    trouble = why
    socket.destroy()
  }
  const beat = () => {
    if (!answered) return giveUp('a heartbeat was not answered')
    answered = false
    socket.write(line({ op: 'heartbeat' }))
    timer = setTimeout(beat, beatMs)
  }
  const take = {
    hello({ heartbeat_ms: ms }) {
      attempts = 0
      beatMs = ms
      ctx.log.info(`connected; a heartbeat every ${ms / 1000} s`)
      clearTimeout(timer)
      beat()
    },
    ack() {
      answered = true
      ctx.recordCycle({ next_in_seconds: beatMs / 1000 })
    },
    event({ text }) {
      ctx.log.info(`event: ${text}`)
      ctx.recordAlert(text)
    },
  }

  timer = setTimeout(giveUp, HELLO_MS, 'the gateway said nothing')
  const lines = createInterface({ input: socket })
  lines.on('error', () => {}) // the socket's, told a second time
  lines.on('line', (text) => {
    try {
      const message = JSON.parse(text)
      take[message.op]?.(message)
    } catch (error) {
      giveUp(`the gateway sent what can't be understood: ${error.message}`)
    }
  })
  socket.on('error', (error) => {
    trouble = error.message
  })
  socket.on('close', () => {
    clearTimeout(timer)
    if (ended) return
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** attempts++, LONGEST_PAUSE_MS) * (0.75 + Math.random() / 2)
    ctx.recordError(new Error(`${trouble}; next try in ${(pause / 1000).toFixed(1)} s`))
    timer = setTimeout(connect, pause, ctx, { hostname, port })
  })
}

function line(message) {
  return `${JSON.stringify(message)}\n`
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  bot.start({
    log: console,
    settings: process.env,
    recordCycle: () => console.log('heartbeat answered'),
    recordAlert: (text) => console.log(`ALERT: ${text}`),
    recordError: (error) => console.error(`ERROR: ${error.message}`),
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => bot.stop())
}
