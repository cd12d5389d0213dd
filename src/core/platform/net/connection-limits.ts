import type http from 'node:http'
import type { Socket } from 'node:net'

/** The maximum number of connections of a listener. */
export interface ConnectionLimits {
  readonly total: number
  /** The maximum from one remote address. */
  readonly perAddress: number
}

/** Open connections by remote address, in both the least recently active first. */
export type OpenConnections<T> = ReadonlyMap<string, ReadonlySet<T>>

/**
 * Returns the connection to close in favor of the newest one, which came from `newcomer`; undefined while there is
 * space. It is the least recently active one, of the newcomer's own address if that has too many, else of the address
 * that has the most: an address that fills a listener displaces only itself, and everybody has had some time.
 */
export function connectionToDrop<T>(
  open: OpenConnections<T>,
  newcomer: string,
  limits: ConnectionLimits,
): T | undefined {
  const own = open.get(newcomer)
  if (own && own.size > limits.perAddress) return oldestOf(own)
  let total = 0
  let most: ReadonlySet<T> | undefined
  for (const connections of open.values()) {
    total += connections.size
    if (most === undefined || connections.size > most.size) most = connections
  }
  return total > limits.total && most ? oldestOf(most) : undefined
}

function oldestOf<T>(connections: ReadonlySet<T>): T | undefined {
  return connections.values().next().value
}

/**
 * Enforces a server's limits. The newest connection is never refused, unlike with node's `maxConnections`: a stranger
 * who opens many and says nothing would keep everybody else out.
 */
export function limitConnections(server: http.Server, limits: ConnectionLimits): void {
  const open = new Map<string, Set<Socket>>()
  const forget = (address: string, socket: Socket) => {
    const connections = open.get(address)
    if (connections?.delete(socket) && connections.size === 0) open.delete(address)
  }
  const heard = (address: string, socket: Socket) => {
    const connections = open.get(address) ?? new Set()
    connections.delete(socket)
    connections.add(socket)
    open.delete(address)
    open.set(address, connections)
  }
  server.on('connection', (socket: Socket) => {
    const address = addressOf(socket)
    heard(address, socket)
    socket.once('close', () => forget(address, socket))
    const dropped = connectionToDrop(open, address, limits)
    if (dropped === undefined) return
    forget(addressOf(dropped), dropped) // its close comes later
    dropped.resetAndDestroy() // nothing of it lingers in the kernel
  })
  server.on('request', ({ socket }) => {
    const address = addressOf(socket)
    if (open.get(address)?.has(socket)) heard(address, socket)
  })
}

/** Returns the remote address; empty if the connection has gone already. Node keeps what it has reported once. */
function addressOf(socket: Socket): string {
  return socket.remoteAddress ?? ''
}
