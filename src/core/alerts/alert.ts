import type { Settings } from '#core/config/schema.js'
import { activeRelease } from '#core/home/active-release.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { hostName } from '#core/platform/process/process-id.js'

/** The tone of an alert, which a channel shows as a color. */
export type Tone = 'warning' | 'working' | 'good' | 'bad'

export interface AlertField {
  readonly name: string
  /** A time is ISO 8601; each channel shows it in its own way. */
  readonly value: string
  readonly as: 'words' | 'code' | 'time'
}

/** An alert to the admin, on any channel. */
export interface Alert {
  readonly title: string
  readonly description: string
  readonly tone: Tone
  readonly fields: readonly AlertField[]
  /** The home that it comes from. */
  readonly footer: string
}

const TONES: readonly string[] = ['warning', 'working', 'good', 'bad'] satisfies Tone[]
const FORMATS: readonly string[] = ['words', 'code', 'time'] satisfies AlertField['as'][]

/** The limit of a text on disk, beyond what any channel shows. */
const MAXIMUM_LENGTH = 2100
const MAXIMUM_FIELDS = 6

/** Returns the alert without secrets, which are hidden before anything is cut: half a secret could not be found. */
export function redacted(alert: Alert, redact: (text: string) => string): Alert {
  const clean = (text: string) => redact(text).slice(0, MAXIMUM_LENGTH)
  return {
    title: clean(alert.title),
    description: clean(alert.description),
    tone: alert.tone,
    fields: alert.fields
      .slice(0, MAXIMUM_FIELDS)
      .map(({ name, value, as }) => ({ name: clean(name), value: clean(value), as })),
    footer: clean(alert.footer),
  }
}

/** Returns whether a value is an alert: a file may be damaged, or made by somebody else. */
export function isAlert(value: unknown): value is Alert {
  if (typeof value !== 'object' || value === null) return false
  const { title, description, tone, fields, footer } = value as Record<string, unknown>
  return (
    [title, description, footer].every((text) => typeof text === 'string') &&
    TONES.includes(tone as string) &&
    Array.isArray(fields) &&
    fields.every(isField)
  )
}

function isField(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { name, value: text, as } = value as Record<string, unknown>
  if (typeof name !== 'string' || typeof text !== 'string' || !FORMATS.includes(as as string)) return false
  return as !== 'time' || !Number.isNaN(Date.parse(text))
}

/** The facts about its bot that every alert shows. */
export interface AlertFacts {
  readonly bot: string
  /** The setting DEPLOYMENT_ENV. */
  readonly environment: string
  readonly host: string
  readonly release: string | null
}

export function factsOf(paths: HomePaths, settings: Settings): AlertFacts {
  return {
    bot: settings.BOT_NAME,
    environment: settings.DEPLOYMENT_ENV,
    host: hostName(),
    release: activeRelease(paths)?.name ?? null,
  }
}

export function footerOf({ environment, host, release }: AlertFacts): string {
  return [environment, host, release ?? 'no release'].join(' · ')
}

/** Returns the alert that `watchdog test-alert` sends, before and after its edit. */
export function testAlert(isEdited: boolean, facts: AlertFacts): Alert {
  return {
    title: `${facts.bot}: test alert`,
    description: isEdited
      ? 'Messages arrive here, and can be edited: an incident would be one message, and end in green.'
      : 'Messages arrive here. This one is about to be edited.',
    tone: isEdited ? 'good' : 'warning',
    fields: [],
    footer: footerOf(facts),
  }
}
