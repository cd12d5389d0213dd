import { alertChannels, channelFault, formFault, settingsOfChannel } from '#core/config/alerts/alert-channels.js'
import { CHANNELS, type ChannelName } from '#core/config/alerts/channel-names.js'
import { parseSetting } from '#core/config/parse.js'
import { SCHEMA, type SettingName, type Settings } from '#core/config/schema.js'
import { telegramTokenIn } from './proposed-proof.js'
import { faultOf } from './write-settings.js'

/** Settings by their names, as they stand in `.env`. */
export type Values = Readonly<Record<string, string>>

/** The settings that say where alerts go, of all channels. */
const ALERT_SETTINGS: readonly SettingName[] = ['ALERT_CHANNELS', ...CHANNELS.flatMap(settingsOfChannel)]

/** Returns whether a setting says where alerts go. */
export function isAlertSetting(name: string): boolean {
  return ALERT_SETTINGS.some((one) => one === name)
}

/** Returns the settings about alerts that have a value; of several, the first counts. */
function alertValues(...sources: readonly Readonly<Record<string, string | undefined>>[]): Values {
  const found = ALERT_SETTINGS.flatMap((name) => {
    const value = sources.map((source) => source[name]?.trim()).find(Boolean)
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(found)
}

/** What is known about alerts before anybody is asked. */
export interface AlertKnowledge {
  readonly known: Values
  /** Values for what is not known. */
  readonly proposed: Values
}

/**
 * Returns what is known about alerts by the new settings that somebody named (`asked`), by those of `.env`, by the other
 * new ones, and by the environment; and `before`: the settings that `.env` has or gets in any case. For Telegram the token
 * of the bot itself is proposed: alerts are only sent, which disturbs no poller.
 */
export function whatIsKnown(
  { existing, settings, asked }: { existing: Values; settings: Values; asked: ReadonlySet<string> },
  environment: Readonly<Record<string, string | undefined>>,
): AlertKnowledge & { readonly before: Values } {
  const given = Object.fromEntries(Object.entries(settings).filter(([name]) => asked.has(name)))
  const sources = [given, existing, settings, environment]
  const ofBot = sources.map(({ BOT_TELEGRAM_TOKEN }) => BOT_TELEGRAM_TOKEN).find(Boolean)
  const token = ofBot ?? telegramTokenIn({ ...settings, ...existing, ...given })
  return {
    before: { ...existing, ...given },
    known: alertValues(...sources),
    proposed: token === undefined ? {} : { ALERT_TELEGRAM_TOKEN: token },
  }
}

/** Returns the channels that alerts go to by these values, however faulty they are. */
export function channelsBy(values: Values): readonly ChannelName[] {
  return alertChannels(asSettings(values))
}

/** Returns the channels of which everything needed is there. */
export function readyChannels(values: Values): readonly ChannelName[] {
  return CHANNELS.filter((channel) => faultOfChannel(channel, values) === undefined)
}

/** Returns what is wrong with the values of a channel, as a sentence without its end: as `config check` would. */
export function faultOfChannel(channel: ChannelName, values: Values): string | undefined {
  for (const name of settingsOfChannel(channel)) {
    const fault = faultOf(name, values[name] ?? '')
    if (fault !== undefined) return `${name} ${fault}`
  }
  const fault = channelFault(channel, asSettings(values))
  return fault === undefined ? undefined : `${channel} ${fault}`
}

/** Returns why a text can't be the value of this setting of a channel; undefined where it can. */
export function faultOfValue(name: SettingName, text: string): string | undefined {
  return faultOf(name, text) ?? formFault(name, text)
}

/**
 * Returns the settings to write, so that alerts go to these channels and no other: their values, and ALERT_CHANNELS where
 * it can't be left out. `before` are the settings without them.
 */
export function alertSettings(before: Values, channels: readonly ChannelName[], values: Values): Values {
  const own = channels.flatMap(settingsOfChannel)
  const changed = Object.fromEntries(
    Object.entries(values).filter(([name, value]) => own.some((one) => one === name) && before[name] !== value),
  )
  const wanted = CHANNELS.filter((name) => channels.includes(name)).join(',')
  const isSo = channelsBy({ ...before, ...changed }).join(',') === wanted
  const canBeEmptied = wanted !== '' || Boolean(before.ALERT_CHANNELS)
  return isSo || !canBeEmptied ? changed : { ...changed, ALERT_CHANNELS: wanted }
}

/** Returns values as settings, as far as the channels are concerned: but for their list, these are texts. */
function asSettings(values: Values): Settings {
  const parsed = parseSetting(SCHEMA.ALERT_CHANNELS, values.ALERT_CHANNELS ?? '')
  return { ...alertValues(values), ALERT_CHANNELS: 'value' in parsed ? parsed.value : [] } as unknown as Settings
}
