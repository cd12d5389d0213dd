import net, { BlockList, isIP } from 'node:net'
import { codeOf } from '#core/errors.js'
import { portOf, proxyFor } from './proxy.js'
import { reasonOf } from './reason.js'
import { openTunnel, ProxyRefused } from './request.js'

/** Errors of a host that exists and refuses. */
const PRESENT = ['ECONNREFUSED', 'ECONNRESET']

const PRIVATE = new BlockList()
for (const [net, bits, family] of [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
] as const)
  PRIVATE.addSubnet(net, bits, family)

/**
 * Returns whether the host of an address lies beyond this machine and its own network: only such a host tells whether
 * the way out is there (RFC 1918, 3927, 4193, 6598, 6762 and 8375).
 */
export function isOutside(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(host)
  if (family !== 0) return !PRIVATE.check(host, family === 4 ? 'ipv4' : 'ipv6')
  return host.includes('.') && !/\.(localhost|local|lan|home|internal|home\.arpa)\.?$/i.test(host)
}

/**
 * Returns whether the host of an address exists at all, whatever it answers: nothing is sent to it. It takes the same
 * way as a request; a proxy that does not tell is no sign that the host is missing.
 */
export async function isReachable(url: string, timeoutMs: number): Promise<boolean> {
  const target = new URL(url)
  let proxy: URL | undefined
  try {
    proxy = proxyFor(target)
  } catch {
    return true // its setting is wrong, which says nothing about the network
  }
  try {
    await reach(target, proxy, timeoutMs)
    return true
  } catch (error) {
    if (error instanceof ProxyRefused) return error.status < 500
    return PRESENT.includes(codeOf(error) ?? '')
  }
}

/**
 * Returns why no connection to the host of an address comes about, or undefined if one does. Nothing is sent to it, so
 * it is harmless where a request itself would mean something.
 */
export async function whyNotReachable(url: string, timeoutMs: number): Promise<string | undefined> {
  try {
    const target = new URL(url)
    await reach(target, proxyFor(target), timeoutMs)
    return undefined
  } catch (error) {
    // a proxy that refuses tunnels to port 80 may pass requests on all the same
    if (error instanceof ProxyRefused && error.status < 500 && url.startsWith('http:')) return undefined
    return reasonOf(error)
  }
}

async function reach(target: URL, proxy: URL | undefined, timeoutMs: number): Promise<void> {
  if (proxy === undefined) await connect(target, timeoutMs)
  else (await openTunnel(target, proxy, AbortSignal.timeout(timeoutMs))).destroy()
}

/**
 * Returns why nothing accepts a connection at a `tcp://host:port`, or undefined if something does. No proxy is used.
 */
export async function whyNoConnection(url: string, timeoutMs: number): Promise<string | undefined> {
  return connect(new URL(url), timeoutMs).then(() => undefined, reasonOf)
}

/** Opens a connection and closes it. */
function connect(url: URL, timeoutMs: number): Promise<void> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port: Number(portOf(url)) })
    const late = () => socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`))
    const limit = setTimeout(late, timeoutMs)
    socket
      .once('connect', () => {
        resolve()
        socket.destroy()
      })
      .once('error', reject)
      .once('close', () => clearTimeout(limit))
  })
}
