import { socketsOf } from '#core/platform/process/linux/open-sockets.js'
import { linuxPids, readIfAllowed } from '#core/platform/process/linux/proc.js'

export interface PortHolder {
  readonly pid: number
  readonly name: string
}

/** Returns the process that listens on a TCP port, if the system shows it to this user. */
export async function portHolder(port: number): Promise<PortHolder | undefined> {
  if (process.platform === 'linux') return linuxHolder(port)
  const { networkConnections } = await import('systeminformation')
  const connections = await networkConnections().catch(() => [])
  const found = connections.find((c) => c.localPort === String(port) && c.state === 'LISTEN')
  return found?.pid ? { pid: found.pid, name: found.process || 'a program' } : undefined
}

/** Names the holder: `node (pid 12)`, or `another program` if the system doesn't tell. */
export async function nameHolder(port: number): Promise<string> {
  const holder = await portHolder(port)
  return holder ? `${holder.name} (pid ${holder.pid})` : 'another program'
}

/** Finds it in /proc alone (proc(5)): minimal machines have neither ss nor netstat. */
async function linuxHolder(port: number): Promise<PortHolder | undefined> {
  const inodes = ['tcp', 'tcp6'].flatMap((table) => listeningInodes(table, port))
  if (inodes.length === 0) return undefined
  for (const pid of linuxPids()) {
    const sockets = await socketsOf([pid])
    if (inodes.some((inode) => sockets?.has(inode)))
      return { pid, name: readIfAllowed(`/proc/${pid}/comm`) || 'a program' }
  }
  return undefined
}

const LISTEN = '0A'

function listeningInodes(table: string, port: number): number[] {
  return (readIfAllowed(`/proc/net/${table}`) ?? '')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTEN && Number.parseInt(local?.split(':')[1] ?? '', 16) === port)
    .map((fields) => Number(fields[9]))
}
