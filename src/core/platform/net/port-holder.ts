import fs from 'node:fs'
import { linuxPids, readIfAllowed } from '#core/platform/process/proc.js'

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
function linuxHolder(port: number): PortHolder | undefined {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => listeningInodes(table, port)))
  if (inodes.size === 0) return undefined
  for (const pid of linuxPids()) {
    if (socketsOf(pid).some((inode) => inodes.has(inode))) {
      return { pid, name: readIfAllowed(`/proc/${pid}/comm`) || 'a program' }
    }
  }
  return undefined
}

const LISTEN = '0A'

function listeningInodes(table: string, port: number): string[] {
  return (readIfAllowed(`/proc/net/${table}`) ?? '')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTEN && Number.parseInt(local?.split(':')[1] ?? '', 16) === port)
    .flatMap((fields) => fields[9] ?? [])
}

function socketsOf(pid: number): string[] {
  try {
    return fs.readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
      } catch {
        return []
      }
    })
  } catch {
    return [] // exited meanwhile, or another user's
  }
}
