import type { Settings } from '#core/config/schema.js'
import { activeRelease } from '#core/home/active-release.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { hostName } from '#core/platform/process/process-id.js'

/** The tone of an alert, which a channel shows as a color. */
export type Tone = 'warning' | 'working' | 'good' | 'bad'

/** The meaning of a field, for machines. */
type FieldKey = 'since' | 'lasted' | 'restarts' | 'next_restart' | 'evidence' | 'commands'

export interface AlertField {
  readonly key?: FieldKey
  readonly name: string
  /** A time is ISO 8601; each channel shows it in its own way. */
  readonly value: string
  readonly as: 'words' | 'code' | 'time'
}

/** What an alert is about. */
export interface AlertSubject {
  readonly kind: 'incident' | 'deployment' | 'backup' | 'test'
  /** The name by which commands find it, such as that of an incident. */
  readonly name: string
  readonly bot: string
  readonly environment: string
  readonly host: string
  readonly release: string | null
  /** The end of an incident that is over, ISO 8601. */
  readonly ended?: string | null
}

/**
 * An alert to the admin, on any channel: what happened, since when, what was done, why nothing more is done, and what to
 * type.
 */
export interface Alert {
  readonly title: string
  readonly description: string
  readonly tone: Tone
  readonly fields: readonly AlertField[]
  /** The home that it comes from. */
  readonly footer: string
  /** Undefined where an older version made it. */
  readonly about?: AlertSubject | undefined
}

const KINDS: readonly string[] = ['incident', 'deployment', 'backup', 'test'] satisfies AlertSubject['kind'][]
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
      .map((field) => ({ ...field, name: clean(field.name), value: clean(field.value) })),
    footer: clean(alert.footer),
    ...(alert.about === undefined ? {} : { about: cleanSubject(alert.about, clean) }),
  }
}

function cleanSubject(about: AlertSubject, clean: (text: string) => string): AlertSubject {
  const { name, bot, environment, host, release } = about
  return {
    ...about,
    name: clean(name),
    bot: clean(bot),
    environment: clean(environment),
    host: clean(host),
    release: release === null ? null : clean(release),
  }
}

/** Returns whether a value is an alert: a file may be damaged, or made by somebody else. */
export function isAlert(value: unknown): value is Alert {
  if (typeof value !== 'object' || value === null) return false
  const { title, description, tone, fields, footer, about } = value as Record<string, unknown>
  return (
    (about === undefined || isSubject(about)) &&
    [title, description, footer].every((text) => typeof text === 'string') &&
    TONES.includes(tone as string) &&
    Array.isArray(fields) &&
    fields.every(isField)
  )
}

function isSubject(value: unknown): boolean {
  const { kind, name, bot, environment, host, release, ended = null } = Object(value) as Record<string, unknown>
  return (
    KINDS.includes(kind as string) &&
    [name, bot, environment, host, release ?? '', ended ?? ''].every((text) => typeof text === 'string')
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

/** Returns what an alert is about. */
export function aboutOf(facts: AlertFacts, about: Pick<AlertSubject, 'kind' | 'name' | 'ended'>): AlertSubject {
  const { bot, environment, host, release } = facts
  return { ...about, bot, environment, host, release }
}

export function footerOf({ environment, host, release }: AlertFacts): string {
  return [environment, host, release ?? 'no release'].join(' · ')
}

/** Returns the alerts that `alert test` sends: the beginning and the end of what would be an incident. */
export function testAlert(isOver: boolean, facts: AlertFacts): Alert {
  return {
    title: `${facts.bot}: test alert`,
    description: isOver
      ? 'The end of an incident would arrive like this one.'
      : 'Alerts arrive here. A second text follows, as at the end of an incident.',
    tone: isOver ? 'good' : 'warning',
    fields: [],
    footer: footerOf(facts),
    about: aboutOf(facts, { kind: 'test', name: 'alert' }),
  }
}
