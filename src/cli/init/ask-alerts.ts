import { CHANNELS, type ChannelName } from '#core/config/alerts/channel-names.js'
import type { SettingName } from '#core/config/schema.js'
import { isSecretName } from '#core/config/secrets.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import {
  type AlertKnowledge,
  alertSettings,
  channelsBy,
  faultOfChannel,
  faultOfValue,
  isAlertSetting,
  readyChannels,
  type Values,
  whatIsKnown,
} from '#core/init/alert-settings.js'
import type { Existing } from '#core/init/existing.js'
import { faultOf } from '#core/init/write-settings.js'
import type { Asker } from './asker.js'
import type { InitAnswers, NewSettings } from './interview.js'

/**
 * Sends a real message to a channel that these values describe.
 * @throws CatalystError ALERT_FAILED
 */
export type SendTest = (channel: ChannelName, values: Values) => Promise<void>

/** The answer to where alerts go: the settings to write, and the channels that were chosen. */
interface Alerts {
  readonly settings: Values
  readonly channels: readonly ChannelName[]
}

/** A setting that is asked for. */
interface Field {
  readonly name: SettingName
  readonly question: string
  readonly isOptional?: true
}

/** The fields of each channel: first those that must be typed anew after a failure, then those that are kept. */
const FIELDS: Readonly<Record<ChannelName, readonly Field[]>> = {
  discord: [{ name: 'ADMIN_ALERT_WEBHOOK', question: 'A Discord webhook for your alerts' }],
  telegram: [
    { name: 'ALERT_TELEGRAM_CHAT', question: "The Telegram chat: its number, or a public channel's @name" },
    { name: 'ALERT_TELEGRAM_TOKEN', question: 'The token of the Telegram bot that sends them' },
  ],
  slack: [{ name: 'ALERT_SLACK_WEBHOOK', question: 'An incoming webhook of a Slack channel' }],
  ntfy: [
    { name: 'ALERT_NTFY_URL', question: 'The ntfy topic, such as https://ntfy.sh/my-topic' },
    { name: 'ALERT_NTFY_TOKEN', question: 'An access token for that topic', isOptional: true },
  ],
  webhook: [
    { name: 'ALERT_WEBHOOK_URL', question: 'The address that takes a JSON POST' },
    { name: 'ALERT_WEBHOOK_SECRET', question: 'A secret to sign it with', isOptional: true },
  ],
  email: [
    { name: 'ALERT_EMAIL_TO', question: 'The addresses that get the mails' },
    { name: 'ALERT_EMAIL_FROM', question: 'The sender of the mails' },
    { name: 'ALERT_EMAIL_SMTP', question: 'The mail server, such as smtps://user:password@mail.example:465' },
  ],
}

const IS: Readonly<Record<ChannelName, string>> = {
  discord: 'a webhook: settings of a channel, Integrations',
  telegram: 'a chat with a bot, which may be yours',
  slack: 'an incoming webhook',
  ntfy: 'a push message to your phone',
  webhook: 'a JSON POST to an address of yours',
  email: 'a mail server',
}

const NONE = 'none'

/**
 * Asks where alerts go, and sends a message to each channel until it arrives. What `.env` has is tested, and asked for
 * only where it fails.
 * @throws CatalystError ALERT_FAILED, SETTINGS_INVALID where nobody can be asked again
 */
export async function askAlerts(
  ask: Asker,
  answers: InitAnswers,
  { existing, settings, asked }: NewSettings & { readonly existing: Existing },
  { send, say }: { send: SendTest; say: (text: string) => void },
): Promise<Alerts> {
  const named = answers['alert-channel'] ?? []
  const isNamed = named.length > 0 || [...asked].some(isAlertSetting)
  const isThere = existing.hasService && channelsBy(existing.settings).length > 0 // checked when it was installed
  if (answers.alert === false || (isThere && !isNamed)) return { settings: {}, channels: [] }
  const { before, known, proposed } = whatIsKnown({ existing: existing.settings, settings, asked }, process.env)
  const listFault = faultOf('ALERT_CHANNELS', known.ALERT_CHANNELS ?? '')
  if (!ask.isPerson && listFault !== undefined) throw lacking(`ALERT_CHANNELS ${listFault}`)
  const there = channelsBy(named.length > 0 ? before : known)
  const channels: ChannelName[] = []
  let values = known
  for (const name of await chooseChannels(ask, [...there, ...named], answers, { known, proposed })) {
    const answered = await askChannel(ask, name, { known: values, proposed }, { send, say })
    if (answered === undefined) continue
    values = answered
    channels.push(name)
  }
  return { settings: alertSettings(before, channels, values), channels }
}

/** Returns the channels that are set, or else those that are chosen. */
async function chooseChannels(
  ask: Asker,
  set: readonly string[],
  answers: InitAnswers,
  { known, proposed }: AlertKnowledge,
): Promise<readonly ChannelName[]> {
  if (set.length > 0) return CHANNELS.filter((name) => set.includes(name))
  const ready = readyChannels({ ...proposed, ...known })
  if (ready.length > 0 && (answers.alert === true || !ask.isPerson)) return ready
  if (answers.alert === true && !ask.isPerson) throw lacking('No alert channel has its settings')
  const isBotInTelegram = proposed.ALERT_TELEGRAM_TOKEN !== undefined
  const first = [...ready, ...(isBotInTelegram ? (['telegram'] as const) : [])]
  const remarkOf = (name: ChannelName) => (ready.includes(name) ? 'its settings are there' : IS[name])
  const choices = [...new Set([...first, ...CHANNELS])].map((name) => ({
    name: `${name}   ${remarkOf(name)}`,
    value: name,
    short: name,
  }))
  const none = { name: 'none   nobody is told', value: NONE, short: NONE }
  const chosen = await ask.choose(undefined, 'Where are alerts to go?', [...choices, none], NONE)
  return CHANNELS.filter((name) => name === chosen)
}

/** Asks for the values of a channel until a message arrives there; returns them all, or undefined without the channel. */
async function askChannel(
  ask: Asker,
  name: ChannelName,
  { known, proposed }: AlertKnowledge,
  { send, say }: { send: SendTest; say: (text: string) => void },
): Promise<Values | undefined> {
  let values = known
  for (let isAgain = false; ; isAgain = true) {
    const answered = await askValues(ask, FIELDS[name], { known: values, proposed, isAgain })
    if (answered === undefined) return undefined
    values = answered
    try {
      const fault = faultOfChannel(name, values)
      if (fault !== undefined) throw lacking(fault)
      await send(name, values)
      return values
    } catch (error) {
      if (!ask.isPerson) throw error
      say(`${messageOf(error)} Once more:`)
    }
  }
}

/** Asks for what is not known; the next time for all, where what was typed is kept but for the first. */
async function askValues(
  ask: Asker,
  fields: readonly Field[],
  { known, proposed, isAgain }: AlertKnowledge & { readonly isAgain: boolean },
): Promise<Values | undefined> {
  const values: Record<string, string> = { ...known }
  const isWhole = !isAgain && fields.every(({ name, isOptional }) => isOptional || known[name] !== undefined)
  if (isWhole) return values
  for (const [index, field] of fields.entries()) {
    if (!isAgain && known[field.name] !== undefined) continue
    if (field.isOptional && !ask.isPerson) continue
    const kept = isAgain ? (index > 0 ? known[field.name] : undefined) : proposed[field.name]
    const answer = await askField(ask, field, kept, isAgain ? 'the one of before' : 'the one of the bot')
    if (answer !== '') values[field.name] = answer
    else if (!field.isOptional && ask.isPerson) return undefined
  }
  return values
}

function askField(ask: Asker, field: Field, kept: string | undefined, whose: string): Promise<string> {
  const { name, question, isOptional } = field
  const validate = (text: string) => (text.trim() === '' ? true : (faultOfValue(name, text.trim()) ?? true))
  const onEnter = isOptional ? 'none' : 'leave it out'
  if (!isSecretName(name)) {
    const end = kept === undefined ? ` (Enter: ${onEnter}):` : ':'
    return ask.word(undefined, `${question}${end}`, kept ?? '', validate)
  }
  const end = ` (Enter: ${kept === undefined ? onEnter : whose}):`
  return ask.secret(undefined, `${question}${end}`, { validate, ...(kept !== undefined && { proposed: kept }) })
}

function lacking(fault: string): CatalystError {
  return new CatalystError(`${fault}.`, {
    code: 'SETTINGS_INVALID',
    exit: EXIT.usage,
    suggestions: ['Give it beforehand: --set NAME=…, or in the environment where it is a secret'],
  })
}
