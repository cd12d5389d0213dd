import type { SettingName, Settings } from '#core/config/schema.js'
import type { ChannelName } from './channel-names.js'

/** The settings that each channel can't do without. */
const NEEDED = {
  discord: ['ADMIN_ALERT_WEBHOOK'],
  telegram: ['ALERT_TELEGRAM_TOKEN', 'ALERT_TELEGRAM_CHAT'],
  slack: ['ALERT_SLACK_WEBHOOK'],
  ntfy: ['ALERT_NTFY_URL'],
  webhook: ['ALERT_WEBHOOK_URL'],
  email: ['ALERT_EMAIL_SMTP', 'ALERT_EMAIL_FROM', 'ALERT_EMAIL_TO'],
} as const satisfies Record<ChannelName, readonly SettingName[]>

/** The settings that a channel can have beside those. */
const OPTIONAL: { readonly [name in ChannelName]?: readonly SettingName[] } = {
  telegram: ['ALERT_TELEGRAM_API'],
  ntfy: ['ALERT_NTFY_TOKEN'],
  webhook: ['ALERT_WEBHOOK_SECRET'],
}

/** Returns the settings of a channel. */
export function settingsOfChannel(channel: ChannelName): readonly SettingName[] {
  return [...NEEDED[channel], ...(OPTIONAL[channel] ?? [])]
}

/** Returns the channels that alerts go to: those of ALERT_CHANNELS; where it isn't set, Discord if its webhook is. */
export function alertChannels({ ALERT_CHANNELS, ADMIN_ALERT_WEBHOOK }: Settings): readonly ChannelName[] {
  if (ALERT_CHANNELS.length > 0) return ALERT_CHANNELS as readonly ChannelName[]
  return ADMIN_ALERT_WEBHOOK === undefined ? [] : ['discord']
}

/** A form that the value of a setting needs, beside that of its type. */
interface Form {
  readonly fits: (text: string) => boolean
  readonly needs: string
}

const FORMS: { readonly [name in SettingName]?: readonly Form[] } = {
  ALERT_TELEGRAM_CHAT: [
    {
      fits: (text) => /^(-?\d{1,20}|@\w{4,64})$/.test(text),
      needs: "ALERT_TELEGRAM_CHAT to be a chat's number, such as -1001234567890, or a public channel's @name",
    },
  ],
  ALERT_NTFY_URL: [
    {
      fits: (text) => topicOf(text) !== undefined,
      needs: 'a topic at the end of ALERT_NTFY_URL, such as https://ntfy.sh/my-topic',
    },
  ],
  ALERT_WEBHOOK_SECRET: [
    {
      fits: (text) => !/^whsec_(?![A-Za-z\d+/]+={0,2}$)/.test(text),
      needs: 'base64 behind whsec_ in ALERT_WEBHOOK_SECRET; a secret that is any other text begins otherwise',
    },
  ],
  ALERT_EMAIL_SMTP: [
    {
      fits: (text) => /^smtps?:\/\//i.test(text) && URL.canParse(text) && new URL(text).hostname !== '',
      needs: 'ALERT_EMAIL_SMTP to be an smtp:// or smtps:// address, such as smtps://user:password@mail.example',
    },
    {
      fits: (text) => isDecodable(new URL(text)),
      needs: 'each % in the user and password of ALERT_EMAIL_SMTP written as %25',
    },
  ],
  ALERT_EMAIL_FROM: [
    {
      fits: (text) => addressesOf(text).length === 1,
      needs: 'one address in ALERT_EMAIL_FROM, such as bot@example.com',
    },
  ],
  ALERT_EMAIL_TO: [
    {
      fits: (text) => addressesOf(text).length > 0,
      needs: 'addresses in ALERT_EMAIL_TO, with commas between, such as me@example.com',
    },
  ],
}

/** Returns what a channel needs of the value of one of its settings; undefined where nothing is wrong with it. */
export function formFault(name: SettingName, text: string): string | undefined {
  const form = FORMS[name]?.find(({ fits }) => !fits(text))
  return form && `needs ${form.needs}`
}

/** Returns what a channel lacks, as the end of a sentence; undefined where nothing is wrong with it. */
export function channelFault(channel: ChannelName, settings: Settings): string | undefined {
  const missing = NEEDED[channel].filter((name) => settings[name] === undefined)
  if (missing.length > 0) return `needs ${missing.join(' and ')}: set ${missing.length === 1 ? 'it' : 'them'} in .env`
  return settingsOfChannel(channel)
    .map((name) => (settings[name] === undefined ? undefined : formFault(name, String(settings[name]))))
    .find((fault) => fault !== undefined)
}

/** Returns the faults of the channels that ALERT_CHANNELS names. */
export function alertFaults(settings: Settings): string[] {
  return alertChannels(settings).flatMap((channel) => {
    const fault = channelFault(channel, settings)
    return fault === undefined ? [] : [`ALERT_CHANNELS names ${channel}, which ${fault}`]
  })
}

/** Returns the addresses that alerts go to, as far as they are asked over HTTP. */
export function alertAddresses(settings: Settings): string[] {
  const addresses: Record<ChannelName, string | undefined> = {
    discord: settings.ADMIN_ALERT_WEBHOOK,
    telegram: settings.ALERT_TELEGRAM_API,
    slack: settings.ALERT_SLACK_WEBHOOK,
    ntfy: settings.ALERT_NTFY_URL,
    webhook: settings.ALERT_WEBHOOK_URL,
    email: undefined,
  }
  return alertChannels(settings).flatMap((channel) => addresses[channel] ?? [])
}

/** Splits the address of an ntfy topic; undefined where it has no topic, or more than one. */
export function topicOf(url: string): { readonly server: string; readonly topic: string } | undefined {
  if (!URL.canParse(url)) return undefined
  const { origin, pathname, username, password } = new URL(url)
  const [, topic] = /^\/([-\w]{1,64})\/?$/.exec(pathname) ?? []
  const login = username === '' ? '' : `${username}${password === '' ? '' : `:${password}`}@`
  return topic === undefined ? undefined : { server: origin.replace('://', `://${login}`), topic }
}

function isDecodable({ username, password }: URL): boolean {
  try {
    return decodeURIComponent(`${username} ${password}`) !== ''
  } catch {
    return false
  }
}

/** Reads mail addresses with commas between; none where one of them is not one. */
export function addressesOf(text: string): string[] {
  const all = text.split(',').map((one) => one.trim())
  return all.every((one) => /^[^\s@<>"(),;:\\]+@[^\s@<>"(),;:\\]+$/.test(one)) ? all : []
}
