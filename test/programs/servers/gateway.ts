import http from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import type { FaultyServer } from './faulty-server.js'

interface GatewayOptions {
  readonly onConnection: (socket: WebSocket, send: (socket: WebSocket, data: object | string) => void) => void
  readonly onRequest?: (request: http.IncomingMessage, response: http.ServerResponse, port: number) => void
}

/** A server that talks to its clients over websockets, and over HTTP where it is asked. */
async function gatewayServer(host: string, { onConnection, onRequest }: GatewayOptions): Promise<FaultyServer> {
  let silent = false
  const server = http.createServer((request, response) => {
    const { port } = server.address() as { port: number }
    if (!silent) onRequest?.(request, response, port)
  })
  const gateway = new WebSocketServer({ server, autoPong: false })
  gateway.on('connection', (socket) => {
    const send = (to: WebSocket, data: object | string) => {
      if (!silent && to.readyState === to.OPEN) to.send(typeof data === 'string' ? data : JSON.stringify(data))
    }
    socket.on('ping', () => silent || socket.pong())
    onConnection(socket, send)
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as { port: number }
  return {
    address: `http://${host}:${port}`,
    fallSilent: () => {
      silent = true
    },
    async end() {
      for (const client of gateway.clients) client.terminate()
      gateway.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** A gateway of the plainest kind: it says something each half second. */
export function chattingServer(host: string): Promise<FaultyServer> {
  return gatewayServer(host, {
    onConnection(socket, send) {
      const timer = setInterval(() => send(socket, 'tick'), 500)
      socket.on('close', () => clearInterval(timer))
    },
  })
}

const HEARTBEAT_MS = 500

/** A stand-in of Discord: the REST call that names the gateway, and the gateway's first words and heartbeats. */
export function discordServer(host: string): Promise<FaultyServer> {
  return gatewayServer(host, {
    onRequest(request, response, port) {
      request.resume()
      const limit = { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 1 }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ url: `ws://${host}:${port}`, shards: 1, session_start_limit: limit }))
    },
    onConnection(socket, send) {
      send(socket, { op: 10, d: { heartbeat_interval: HEARTBEAT_MS } })
      socket.on('message', (data) => {
        const { op } = JSON.parse(String(data))
        if (op === 1) send(socket, { op: 11 })
        if (op === 2 || op === 6) send(socket, { op: 0, t: op === 2 ? 'READY' : 'RESUMED', s: 1, d: ready(socket.url) })
      })
    },
  })
}

function ready(url: string) {
  return {
    v: 10,
    user: { id: '1', username: 'bot', discriminator: '0000', global_name: null, avatar: null, bot: true },
    guilds: [],
    session_id: 'session',
    resume_gateway_url: url,
    application: { id: '1', flags: 0 },
  }
}
