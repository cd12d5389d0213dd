import { readConfig } from '#core/config/load.js'
import { secretForms } from '#core/config/secrets.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { type Redact, redactor } from '#core/logging/redact.js'
import { changedAt } from '#core/platform/fs/files.js'

/**
 * Returns what hides the secrets of a home, including those that are set while we run: the watchdog outlives the bots
 * that are started with them. A value that was a secret once stays one.
 */
export function homeRedactor({ home, env }: HomePaths, environment: Readonly<Record<string, string>>): Redact {
  const forms = new Set(secretForms(environment))
  let readAt = changedAt(env)
  let redact = redactor([...forms])
  return (text) => {
    const now = changedAt(env)
    if (now !== readAt) {
      readAt = now
      for (const form of formsNow(home)) forms.add(form)
      redact = redactor([...forms])
    }
    return redact(text)
  }
}

function formsNow(home: string): readonly string[] {
  try {
    return secretForms(readConfig(home, process.env).environment)
  } catch {
    return [] // not readable at the moment
  }
}
