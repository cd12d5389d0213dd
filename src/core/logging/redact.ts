export type Redact = (text: string) => string

const HIDDEN = '[hidden]'

/** A JSON string under a key that sounds like a secret's, at any depth. */
const SECRET_KEY =
  /("(?:[\w.-]*[_.-])?(?:api_?key|token|secret|password|passwd|passphrase|webhook|webhook_url|authorization|cookie)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi
const CAMEL_KEY = /("\w*(?:Key|Token|Secret|Password|Passphrase|Webhook|WebhookUrl)"\s*:\s*)"(?:[^"\\]|\\.)*"/g
const NAMED_KEY = /("\w+_KEY"\s*:\s*)"(?:[^"\\]|\\.)*"/gi

/**
 * Makes the function that every line passes on its way out: known secret values disappear wherever they stand, and so
 * does what stands under a key that sounds like one. `forms` come longest first.
 */
export function redactor(forms: readonly string[]): Redact {
  const known = forms.length > 0 ? new RegExp(forms.map(escaped).join('|'), 'g') : undefined
  return (text) => {
    const clean = known ? text.replace(known, HIDDEN) : text
    return clean
      .replace(SECRET_KEY, `$1"${HIDDEN}"`)
      .replace(CAMEL_KEY, `$1"${HIDDEN}"`)
      .replace(NAMED_KEY, `$1"${HIDDEN}"`)
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
