import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from '#core/system/http.js'

/** What a request may see: everything, ping alone, or nothing but ping because its token is missing or wrong. */
export type Access = 'all' | 'ping' | 'token'

/** The two ends of a request's connection, as addresses. */
export interface Peer {
  readonly remote: string | undefined
  readonly local: string | undefined
}

export interface Door {
  readonly token: string | undefined
  /** HEALTH_CHECK_HOST: its own name is no foreign one. */
  readonly host: string
}

/** Set by proxies and tunnels, which reach us from loopback. */
const FORWARDED =
  /^(forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip|true-client-ip|cf-.*|cdn-loop|fly-.*|tailscale-.*)$/
const LOOPBACK_NAME = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i

/** With a token, that token; without one, only a direct request from this machine, under a name of this machine. */
export function accessOf(headers: IncomingHttpHeaders, peer: Peer, door: Door): Access {
  if (door.token !== undefined) return matches(tokenOf(headers.authorization), door.token) ? 'all' : 'token'
  const local =
    isThisMachine(peer) &&
    isOwnName(headers.host, door.host) &&
    !Object.keys(headers).some((name) => FORWARDED.test(name))
  return local ? 'all' : 'ping'
}

/** `Bearer TOKEN`, or a browser's Basic login with the token as its password. */
function tokenOf(authorization: string | undefined): string {
  const [scheme, value = ''] = authorization?.split(' ') ?? []
  if (scheme?.toLowerCase() === 'bearer') return value
  if (scheme?.toLowerCase() !== 'basic') return ''
  return Buffer.from(value, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '')
}

function matches(given: string, wanted: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(wanted))
}

/** Loopback, or one of this machine's own addresses: a connection to itself has the same address at both ends. */
function isThisMachine({ remote, local }: Peer): boolean {
  return remote !== undefined && (remote === local || /^(127\.|::1$|::ffff:127\.)/.test(remote))
}

function isOwnName(host: string | undefined, own: string): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').toLowerCase()
  return LOOPBACK_NAME.test(name) || name === own.toLowerCase()
}
