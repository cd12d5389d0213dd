import { ruleOf, SCHEMA, type SettingName } from './schema.js'

const SECRET_ENDING = /_(KEY|TOKEN|SECRET|PASSWORD|PASSPHRASE|WEBHOOK|WEBHOOK_URL)$/i

/** Secret by the schema; any other name by its ending. */
export function isSecretName(name: string): boolean {
  if (name in SCHEMA) return ruleOf(name as SettingName).secret === true
  return SECRET_ENDING.test(name)
}

/** Shorter values can't be told from ordinary text, and hiding them would blot out half of every log. */
const SHORTEST_SECRET = 4

/**
 * Every way a secret value may appear in a text: as it is, escaped as in JSON or in a URL, and for an address the path
 * alone, which is where a webhook keeps its key.
 */
export function secretForms(values: Readonly<Record<string, string | undefined>>): string[] {
  const forms = new Set<string>()
  for (const [name, value] of Object.entries(values)) {
    const text = value?.trim()
    if (text === undefined || text.length < SHORTEST_SECRET || !isSecretName(name)) continue
    const plain = [text]
    if (/^https?:/i.test(text) && URL.canParse(text)) {
      const { pathname, search } = new URL(text)
      if (pathname.length > 8) plain.push(pathname)
      if (search.length > 8) plain.push(search)
    }
    for (const form of plain) {
      forms.add(form)
      forms.add(JSON.stringify(form).slice(1, -1))
      forms.add(encodeURIComponent(form))
    }
  }
  return [...forms].sort((a, b) => b.length - a.length)
}
