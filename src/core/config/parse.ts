import { posix } from 'node:path'
import { recipientFault } from './age-recipient.js'
import type { SettingRule } from './rule.js'

export type Parsed = { readonly value: unknown } | { readonly fault: string }

const TRUE = ['1', 'true', 'yes', 'on']
const FALSE = ['0', 'false', 'no', 'off']

/** Returns whether a text switches something on. */
export function isOn(text: string): boolean {
  return TRUE.includes(text.trim().toLowerCase())
}

/** Reads one setting's text by its rule. The fault says what is expected; it never repeats the value. */
export function parseSetting(rule: SettingRule, raw: string): Parsed {
  const text = raw.trim()
  switch (rule.type) {
    case 'switch':
      if (isOn(text)) return { value: true }
      if (FALSE.includes(text.toLowerCase())) return { value: false }
      return { fault: 'must be 1 or 0' }
    case 'whole':
    case 'seconds':
    case 'number':
      return text === '' ? { value: undefined } : parseNumber(rule, text)
    case 'choice': {
      const choice = rule.choices?.find((one) => one.toLowerCase() === text.toLowerCase())
      return choice === undefined ? { fault: `must be one of ${rule.choices?.join(', ')}` } : { value: choice }
    }
    case 'choices': {
      if (text === '' && rule.default === '') return { value: [] }
      const named = listOf(text.toLowerCase())
      const choices = rule.choices ?? []
      return named.length > 0 && named.every((one) => choices.includes(one))
        ? { value: choices.filter((one) => named.includes(one)) }
        : { fault: `must be one or more of ${choices.join(', ')}, with commas between` }
    }
    case 'url':
      if (text === '') return { value: undefined }
      return isHttpUrl(text) ? { value: text } : { fault: 'must be an http:// or https:// address' }
    case 'urls': {
      const urls = listOf(text)
      if (urls.length > (rule.most ?? Infinity)) return { fault: `must be at most ${rule.most} addresses` }
      return urls.every(isHttpUrl)
        ? { value: urls }
        : { fault: 'must be http:// or https:// addresses with commas between' }
    }
    case 'services':
      return parseServices(text)
    case 'paths':
      return parsePaths(text)
    case 'names': {
      const names = listOf(text)
      return names.every((name) => /^\w+$/.test(name))
        ? { value: names }
        : { fault: 'must be names of variables with commas between' }
    }
    case 'token':
      if (text === '') return { value: undefined }
      // as it can stand in a header (RFC 9110, field values)
      return /^[\x21-\x7e]+$/.test(text)
        ? { value: text }
        : { fault: 'must be letters, digits and signs, without blanks' }
    case 'server':
      if (text === '') return { value: undefined }
      return serverOf(text) === undefined ? { fault: 'must be host or host:port' } : { value: text }
    case 'recipient': {
      const fault = text === '' ? undefined : recipientFault(text)
      return fault === undefined ? { value: text === '' ? undefined : text } : { fault }
    }
    case 'text':
      return { value: text === '' ? undefined : text }
  }
}

function parseNumber(rule: SettingRule, text: string): Parsed {
  const number = Number(text)
  const kind = rule.type === 'whole' ? 'a whole number' : 'a number'
  const unit = rule.unit ? ` of ${rule.unit === 's' ? 'seconds' : rule.unit}` : ''
  if (!Number.isFinite(number) || (rule.type === 'whole' && !Number.isInteger(number))) {
    return { fault: `must be ${kind}${unit}` }
  }
  const { min = -Infinity, max = Infinity } = rule
  if (number >= min && number <= max) return { value: number }
  return { fault: `must be ${kind}${unit} ${rangeText(min, max)}` }
}

function rangeText(min: number, max: number): string {
  if (max === Infinity) return `of at least ${min}`
  return min === -Infinity ? `of at most ${max}` : `from ${min} to ${max}`
}

function parseServices(text: string): Parsed {
  const services: Record<string, string> = {}
  for (const entry of listOf(text)) {
    const at = entry.indexOf('=')
    const name = entry.slice(0, Math.max(at, 0)).trim()
    const url = entry.slice(at + 1).trim()
    if (!/^[\w.-]+$/.test(name) || url === '') return { fault: 'must be name=url pairs with commas between' }
    const fault = faultOfService(url)
    if (fault !== undefined) return { fault: `has an address for ${name} that ${fault}` }
    services[name] = url
  }
  return { value: services }
}

function faultOfService(url: string): string | undefined {
  const [, scheme] = /^([a-z][a-z\d+.-]*):\/\//i.exec(url) ?? []
  switch (scheme?.toLowerCase()) {
    case 'http':
    case 'https':
      return isHttpUrl(url) ? undefined : 'is not valid'
    case 'tcp': {
      const { hostname, port } = URL.canParse(url) ? new URL(url) : {}
      return hostname && port ? undefined : 'must be tcp://host:port'
    }
    case undefined:
      return 'must begin with http://, https:// or tcp://'
    default:
      return `must begin with http://, https:// or tcp://, not with ${scheme}://`
  }
}

/** Reads paths of the home: relative, and not out of it. */
function parsePaths(text: string): Parsed {
  const paths = listOf(text).map((path) => posix.normalize(path.replaceAll('\\', '/')).replace(/\/+$/, ''))
  const inside = paths.every((path) => !/^(\/|[a-z]:|\.?$)/i.test(path) && !path.split('/').includes('..'))
  if (!inside) return { fault: 'must be paths inside the home, relative, with commas between' }
  const ours = paths.find((path) => /^\.(catalyst|git)(\/|$)/i.test(path))
  return ours === undefined ? { value: paths } : { fault: `must not hold ${ours}` }
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

/** Splits `host`, `host:port` or `[IPv6 address]:port`; undefined where it is none of them. */
export function serverOf(text: string): { readonly host: string; readonly port: number | undefined } | undefined {
  const [, bracketed, name, port] = /^(?:\[([\da-f:]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const host = bracketed ?? name
  if (host === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) return undefined
  return { host, port: port === undefined ? undefined : Number(port) }
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text)
}
