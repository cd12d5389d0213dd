import net from 'node:net'
import { codeOf } from '#core/errors.js'

/** Errors of a host that is there, and says no. */
const PRESENT = ['ECONNREFUSED', 'ECONNRESET']

/** Whether the host of an address is there at all, whatever it has to say: nothing is sent to it. */
export function isReachable(url: string, timeoutMs: number): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve) => {
    const socket = net.connect({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80) })
    const limit = setTimeout(() => done(false), timeoutMs)
    const done = (answer: boolean) => {
      clearTimeout(limit)
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => done(true)).on('error', (error) => done(PRESENT.includes(codeOf(error) ?? '')))
  })
}
