export type Redact = (text: string) => string

const HIDDEN = '[hidden]'

/**
 * The pattern of a JSON key that may be a secret's, and its value, at any depth. Also in JSON within a JSON string, as
 * when a program prints its own: there each quote has a backslash, which is the group `slash`. Every part begins at a
 * quote and ends at the next, so that the time it takes is linear, whatever the text.
 */
const STRING = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`
const NESTED_STRING = String.raw`\\"[^"\\]*(?:\\\\(?:\\.|[^\\])[^"\\]*)*\\"`
const NUMBER = String.raw`-?\d[\d.eE+-]*`
const KEYED = new RegExp(
  String.raw`"([\w.-]*(?:key|token|secret|passw(?:or)?d|passphrase|webhook(?:[_-]?url)?|authorization|cookie))(\\?)"(\s*:\s*)` +
    String.raw`(?:${STRING}|${NESTED_STRING}|${NUMBER}|\[(?:${STRING},?)*\])`,
  'gi',
)

const SECRET_NAMES = [
  /^(?:.*[_.-])?(?:api[_-]?key|token|secret|password|passwd|passphrase|webhook(?:[_-]?url)?|authorization|cookie)$/i,
  /(?:Key|Token|Secret|Password|Passphrase|Webhook|WebhookUrl)$/, // camel case
  /\w_key$/i,
]

/**
 * Makes the function that every line passes on its way out: it hides known secret values anywhere, and values under a
 * key that sounds like a secret's. `forms` are the ways in which the values may be written.
 */
export function redactor(forms: readonly string[]): Redact {
  const hideKnown = hiderOf(forms)
  return (text) => hideKeyed(hideKnown(text))
}

function hideKeyed(text: string): string {
  return text.replace(KEYED, (all, name: string, slash: string, colon: string) =>
    SECRET_NAMES.some((names) => names.test(name)) ? `"${name}${slash}"${colon}${slash}"${HIDDEN}${slash}"` : all,
  )
}

function hiderOf(forms: readonly string[]): Redact {
  // a program's JSON within our JSON is escaped twice
  const every = new Set(forms.flatMap((form) => [form, JSON.stringify(form).slice(1, -1)]))
  every.delete('')
  if (every.size === 0) return (text) => text
  const longestFirst = [...every].sort((a, b) => b.length - a.length)
  const known = new RegExp(longestFirst.map(escaped).join('|'), 'g')

  /** Continues right after each match's beginning, for secrets that overlap. */
  const hide = (text: string) => {
    let clean = ''
    let done = 0
    known.lastIndex = 0
    for (let match = known.exec(text); match !== null; match = known.exec(text)) {
      if (match.index >= done) clean += text.slice(done, match.index) + HIDDEN
      done = Math.max(done, match.index + match[0].length)
      known.lastIndex = match.index + 1
    }
    return done === 0 ? text : clean + text.slice(done)
  }
  const hideWithin = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(hideWithin)
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [hide(key), hideWithin(inner)]))
    const text = String(value)
    const clean = hide(text)
    return clean === text ? value : clean
  }
  return (text) => {
    const clean = hide(text)
    if (clean === text || isJson(clean)) return clean
    // a secret such as 1234 that is part of a number, or one with a quote: JSON stays JSON
    return isJson(text) ? `${JSON.stringify(hideWithin(JSON.parse(text)))}${text.endsWith('\n') ? '\n' : ''}` : clean
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
