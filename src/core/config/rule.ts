/** The way in which a setting's text is read. Durations are in seconds and may be fractions. */
type SettingType =
  | 'switch'
  | 'whole'
  | 'seconds'
  | 'number'
  | 'text'
  | 'token'
  | 'server'
  | 'recipient'
  | 'url'
  | 'urls'
  | 'services'
  | 'paths'
  | 'names'
  | 'choice'
  | 'choices'

/** A service of others that the bot needs, and how to probe it. */
export interface Dependency {
  readonly name: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

export interface SettingRule {
  readonly type: SettingType
  /** The default as it would stand in `.env`; '' means not set. */
  readonly default: string
  readonly meaning: string
  readonly group: string
  readonly unit?: string
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly string[]
  readonly secret?: boolean
  /** The maximum length of a list. */
  readonly most?: number
  /** A value for `.env.example` where there is no default. */
  readonly example?: string
  /** Returns the dependency that the bot has where this is set, as long as HEALTH_SERVICES names none. */
  readonly dependency?: (value: string) => Dependency
}

/** Settings by name, each with the rule that it is read by. */
export type Schema = Readonly<Record<string, SettingRule>>

type Numeric = 'whole' | 'seconds' | 'number'
type Listed = 'urls' | 'paths' | 'names' | 'choices'

type ValueOf<R extends SettingRule> = R['type'] extends 'switch'
  ? boolean
  : R['type'] extends Numeric
    ? R['default'] extends ''
      ? number | undefined
      : number
    : R['type'] extends Listed
      ? readonly string[]
      : R['type'] extends 'services'
        ? Readonly<Record<string, string>>
        : R['default'] extends ''
          ? string | undefined
          : string

/** The values of settings, by name; a duration is in seconds. */
export type ValuesOf<S extends Schema> = { readonly [N in keyof S]: ValueOf<S[N]> }
