import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from '#core/platform/net/http.js'

/** The access of a request: everything, ping alone, or nothing but ping because its token is missing or wrong. */
export type Access = 'all' | 'ping' | 'token'

/** The two ends of a request's connection, as addresses. */
export interface Peer {
  readonly remote: string | undefined
  readonly local: string | undefined
}

export interface AccessRules {
  readonly token: string | undefined
  /** The setting HEALTH_CHECK_HOST: a request under this name is local. */
  readonly host: string
}

/** The headers set by proxies and tunnels, which reach us from loopback. */
const FORWARDED =
  /^(forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip|true-client-ip|cf-.*|cdn-loop|fly-.*|tailscale-.*)$/
const LOOPBACK_NAME = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i

/**
 * Returns the access of a request. With a HEALTH_TOKEN it needs that; without one it must come directly from this
 * machine, under a name of this machine.
 */
export function accessOf(headers: IncomingHttpHeaders, peer: Peer, rules: AccessRules): Access {
  if (rules.token !== undefined) return matches(tokenOf(headers.authorization), rules.token) ? 'all' : 'token'
  const local =
    isThisMachine(peer) &&
    isOwnName(headers.host, rules.host) &&
    !Object.keys(headers).some((name) => FORWARDED.test(name))
  return local ? 'all' : 'ping'
}

/** Returns the token of `Bearer TOKEN`, or of a browser's Basic login with the token as its password. */
function tokenOf(authorization: string | undefined): string {
  const [scheme, value = ''] = authorization?.split(' ') ?? []
  if (scheme?.toLowerCase() === 'bearer') return value
  if (scheme?.toLowerCase() !== 'basic') return ''
  return Buffer.from(value, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '')
}

function matches(given: string, expected: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(expected))
}

/**
 * Returns whether a request comes from loopback, or from one of this machine's own addresses: then both ends have the
 * same address.
 */
function isThisMachine({ remote, local }: Peer): boolean {
  return remote !== undefined && (remote === local || /^(127\.|::1$|::ffff:127\.)/.test(remote))
}

function isOwnName(host: string | undefined, own: string): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').toLowerCase()
  return LOOPBACK_NAME.test(name) || name === own.toLowerCase()
}
