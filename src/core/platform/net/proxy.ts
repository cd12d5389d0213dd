import { AsyncLocalStorage } from 'node:async_hooks'
import { BlockList, isIP } from 'node:net'

type Environment = Readonly<Record<string, string | undefined>>

let environment: Environment = process.env

/** The settings of one home among several in this process. */
const ownSettings = new AsyncLocalStorage<Environment>()

/**
 * Sends all further requests through the proxies of these settings; before, those of the process's environment apply.
 */
export function useProxiesOf(settings: Environment): void {
  environment = settings
}

/** Does this work, and all that it begins, with the proxies of these settings: those of one home among several. */
export function withProxiesOf<T>(settings: Environment, work: () => T): T {
  return ownSettings.run(settings, work)
}

/** Returns the proxy for an address, or undefined if it is requested directly. */
export function proxyFor(url: URL): URL | undefined {
  return proxyIn(ownSettings.getStore() ?? environment, url)
}

/**
 * Returns the proxy that an environment names for an address: `HTTPS_PROXY` for https, `HTTP_PROXY` for http, and
 * `NO_PROXY` for the hosts that need none, as curl reads them. This machine is never reached through one.
 * @throws an Error if the proxy's address is invalid
 */
export function proxyIn(settings: Environment, url: URL): URL | undefined {
  const variable = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const named = variableOf(settings, variable)
  if (named === '' || isLoopback(url.hostname) || isExempt(url, variableOf(settings, 'NO_PROXY'))) return undefined
  const address = named.includes('://') ? named : `http://${named}`
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address))
    throw new Error(`${variable} must be an http:// or https:// address`)
  return new URL(address)
}

/** Reads a variable, in lower case first, as other programs do. */
function variableOf(settings: Environment, name: string): string {
  return (settings[name.toLowerCase()] ?? settings[name] ?? '').trim()
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/i.test(hostname)
}

/**
 * Returns whether a list exempts an address: `*`, a name with all names below it, an address, or a subnet; with a port
 * it applies to that port alone.
 */
function isExempt(url: URL, exempt: string): boolean {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return exempt
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      if (entry === '*') return true
      const [, name = '', port] = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(isIP(entry) ? `[${entry}]` : entry) ?? []
      if (name === '' || (port !== undefined && port !== portOf(url))) return false
      if (isIP(host)) return isWithin(host, name)
      const suffix = name.replace(/^\*?\./, '')
      return host === suffix || host.endsWith(`.${suffix}`)
    })
}

function isWithin(address: string, subnet: string): boolean {
  const [net = '', bits] = subnet.split('/')
  const family = isIP(net)
  if (family === 0) return false
  const list = new BlockList()
  const length = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits)
  try {
    list.addSubnet(net, length, family === 4 ? 'ipv4' : 'ipv6')
  } catch {
    return false // an invalid length for such an address
  }
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
}

/** Returns the port of an address, also if it is the default one. */
export function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80')
}
