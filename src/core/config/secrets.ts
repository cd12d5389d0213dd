import { ruleOf, SCHEMA, type SettingName } from './schema.js'

const SECRET_ENDING = /(^|_)(KEY|TOKEN|SECRET|PASSWORD|PASSPHRASE|WEBHOOK|WEBHOOK_URL)$/i

/** Returns whether a setting is secret: by the schema; any other name by its ending. */
export function isSecretName(name: string): boolean {
  if (name in SCHEMA) return ruleOf(name as SettingName).secret === true
  return SECRET_ENDING.test(name)
}

/**
 * The minimum length of a secret: shorter values can't be told from ordinary text, and hiding them would blot out half
 * of every log.
 */
const SHORTEST_SECRET = 4

/** The minimum length of a key in an address; shorter parts are words such as `webhooks`. */
const SHORTEST_KEY = 16
/** The minimum length of a line of a key file; shorter ones are its brackets and blanks. */
const SHORTEST_LINE = 8

/**
 * Returns every way in which a secret value may appear in a text: whole, or as the part of it that is the secret, and
 * each of them escaped as in JSON, in an address or in a form. Longest first, so that none leaves a tail of another.
 */
export function secretForms(values: Readonly<Record<string, string | undefined>>): string[] {
  const forms = new Set<string>()
  for (const [name, value] of Object.entries(values)) {
    const text = value?.trim()
    if (text === undefined || text.length < SHORTEST_SECRET) continue
    for (const part of secretsIn(name, text)) for (const form of escapesOf(part)) forms.add(form)
  }
  return [...forms].sort((a, b) => b.length - a.length)
}

function secretsIn(name: string, text: string): string[] {
  if (isSecretName(name)) return [text, ...linesOf(text), ...keysOf(text)]
  return /_PROXY$/i.test(name) ? keysOf(text.includes('://') ? text : `http://${text}`) : [] // the login in it; the proxy itself is no secret
}

/** Returns the lines of a key of several lines, which is printed line by line. */
function linesOf(text: string): string[] {
  return text.includes('\n') ? text.split(/\r?\n/).filter((line) => line.trim().length >= SHORTEST_LINE) : []
}

/**
 * Returns the secret parts of an address: webhooks keep their key in the path, others in the query or as a password.
 */
function keysOf(text: string): string[] {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(text) || !URL.canParse(text)) return []
  const { pathname, search, searchParams, password } = new URL(text)
  const long = (part: string) => part.length >= SHORTEST_KEY
  return [
    ...[pathname, search].filter((part) => part.length > SHORTEST_LINE),
    ...pathname.split('/').filter(long),
    ...[...searchParams.values()].filter(long),
    ...[password, decoded(password)].filter((part) => part.length >= SHORTEST_SECRET),
  ]
}

function escapesOf(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1)
  const percent = decoded(encodeURIComponent(text)) === text ? encodeURIComponent(text) : text
  return [
    text,
    json,
    json.replaceAll('/', '\\/'),
    json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    percent,
    percent.replace(/%[\dA-F]{2}/g, (code) => code.toLowerCase()),
    percent.replaceAll('%2F', '/'),
    percent.replaceAll('%20', '+'),
  ]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
