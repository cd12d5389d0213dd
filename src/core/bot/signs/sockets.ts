/** A TCP connection as the kernel sees it. */
export interface Connection {
  /** The number of its socket, by which /proc/PID/fd names it. */
  readonly inode: number
  readonly local: string
  readonly peer: string
  /** The bytes that came in and that the program has not read yet. */
  readonly unreadBytes: number
  /** The bytes that came in since the connection was made. */
  readonly receivedBytes: number
  /** True where the other side has made it: the program listens on its port. */
  readonly isInbound: boolean
}

/** A socket of any program, as ss prints it. */
type Socket = Omit<Connection, 'isInbound'> & { readonly isListening: boolean }

/** The arguments of ss(8): TCP, with details and inodes, numbers for names, a line each, without a heading. */
export const SS_ARGS = ['-tineOH', 'state', 'established', 'state', 'listening'] as const

/**
 * Parses what ss(8) prints with {@link SS_ARGS}. A connection that the other side has closed is not among them: an idle
 * pool keeps such for hours, and reads nothing from them.
 */
export function parseSockets(text: string): Socket[] {
  return text.split('\n').flatMap((line) => {
    const [state, unread, , local, peer, ...details] = line.trim().split(/\s+/)
    if ((state !== 'ESTAB' && state !== 'LISTEN') || local === undefined || peer === undefined) return []
    const fieldOf = (name: string) => Number(details.find((one) => one.startsWith(`${name}:`))?.slice(name.length + 1))
    const inode = fieldOf('ino')
    if (!(inode > 0)) return [] // not accepted yet: no program has it
    const receivedBytes = fieldOf('bytes_received') || 0
    return [{ inode, local, peer, unreadBytes: Number(unread), receivedBytes, isListening: state === 'LISTEN' }]
  })
}

/** Returns the connections of the processes with these sockets, but for those among themselves. */
export function connectionsOf(sockets: readonly Socket[], inodes: ReadonlySet<number>): Connection[] {
  const own = sockets.filter(({ inode }) => inodes.has(inode))
  const listening = new Set(own.filter(({ isListening }) => isListening).map(({ local }) => portOf(local)))
  const connected = own.filter(({ isListening }) => !isListening)
  const addresses = new Set(connected.map(({ local }) => local))
  return connected
    .filter(({ peer }) => !addresses.has(peer))
    .map(({ isListening: _, ...one }) => ({ ...one, isInbound: listening.has(portOf(one.local)) }))
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1)
}
