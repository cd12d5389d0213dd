import { alertsStatus } from '#core/alerts/status.js'
import { alertChannels, channelFault } from '#core/config/alerts/alert-channels.js'
import type { ChannelName } from '#core/config/alerts/channel-names.js'
import type { Settings } from '#core/config/schema.js'
import { checkOf } from '#core/doctor/check.js'
import { fault, type Judged, ok, warning } from '#core/doctor/finding.js'
import { messageOf } from '#core/errors.js'
import { objectIn } from '#core/json.js'
import { type Answer, ask } from '#core/platform/net/http.js'
import { whyNoConnection, whyNotReachable } from '#core/platform/net/reach.js'
import { countOf } from '#core/text.js'

/** The limit of one request to the outside. */
const ASK_MS = 2500
const LONGEST_NAME = 80

/** The answer of a channel to a harmless question, or why there was none. */
export type Asked = Pick<Answer, 'status' | 'body'> | { readonly why: string }

/** What each channel is asked: something that posts nothing. A bare connection, where any request may mean something. */
const ASKED: Readonly<Record<ChannelName, (settings: Settings) => Promise<Judged>>> = {
  async discord({ ADMIN_ALERT_WEBHOOK: url = '' }) {
    // Discord describes a webhook to whoever gets its address; another service may take a GET for a message
    return judgeWebhook(await question(url, isDiscord(url) ? 'GET' : 'HEAD'))
  },
  async telegram({ ALERT_TELEGRAM_API, ALERT_TELEGRAM_TOKEN }) {
    return judgeTelegram(
      await question(`${ALERT_TELEGRAM_API.replace(/\/+$/, '')}/bot${ALERT_TELEGRAM_TOKEN}/getMe`, 'GET'),
    )
  },
  slack: ({ ALERT_SLACK_WEBHOOK: url = '' }) => connection('ALERT_SLACK_WEBHOOK', whyNotReachable(url, ASK_MS)),
  ntfy: ({ ALERT_NTFY_URL: url = '' }) => connection('ALERT_NTFY_URL', whyNotReachable(url, ASK_MS)),
  webhook: ({ ALERT_WEBHOOK_URL: url = '' }) => connection('ALERT_WEBHOOK_URL', whyNotReachable(url, ASK_MS)),
  email: ({ ALERT_EMAIL_SMTP: url = '' }) => connection('ALERT_EMAIL_SMTP', whyNoConnection(mailServer(url), ASK_MS)),
}

/** Returns the finding about a channel that settings name: what it lacks, else what it answers. */
async function askChannel(name: ChannelName, settings: Settings): Promise<Judged> {
  const lack = channelFault(name, settings)
  return lack === undefined ? ASKED[name](settings) : fault(`the channel ${name} ${lack}`, TEST)
}

/** Returns the address of a mail server with its port: by default that of submission, with or without TLS (RFC 8314). */
function mailServer(url: string): string {
  const { protocol, hostname, port } = new URL(url)
  return `tcp://${hostname}:${port || (protocol === 'smtps:' ? 465 : 587)}`
}

async function connection(setting: keyof Settings, trying: Promise<string | undefined>): Promise<Judged> {
  const why = await trying
  return why === undefined
    ? ok(`the host of ${setting} can be reached`)
    : fault(`the host of ${setting} can't be reached: ${why}`, TEST)
}

function isDiscord(address: string): boolean {
  return new URL(address).pathname.startsWith('/api/webhooks/')
}

function question(address: string, method: 'GET' | 'HEAD'): Promise<Asked> {
  const headers = { 'User-Agent': 'catalyst-bot' }
  return ask(address, { method, headers, timeoutMs: ASK_MS }).catch((error) => ({ why: messageOf(error) }))
}

const GONE: readonly number[] = [401, 403, 404, 410]
const TEST = 'catalyst alert test'

/** Judges a webhook by its answer. One that takes only POST says so by 405, and is there. */
export function judgeWebhook(asked: Asked): Judged {
  const is = 'the webhook of ADMIN_ALERT_WEBHOOK'
  if ('why' in asked) return fault(`${is} can't be reached: ${asked.why}`, TEST)
  const { status, body } = asked
  if (GONE.includes(status)) return fault(`${is} is not there any more, or refuses us (HTTP ${status})`, TEST)
  if (status >= 500 || status === 429) return warning(`${is} answers HTTP ${status}`, TEST)
  const name = nameIn(body)
  return ok(`${is} is there${name === undefined ? '' : `: ${name}`}`)
}

/** Judges Telegram's answer to the question which bot a token is that of. */
function judgeTelegram(asked: Asked): Judged {
  if ('why' in asked) return fault(`Telegram can't be reached: ${asked.why}`, TEST)
  const { status } = asked
  if (status === 200) return ok('Telegram knows the token of ALERT_TELEGRAM_TOKEN')
  if (status === 401 || status === 404) return fault(`Telegram refuses ALERT_TELEGRAM_TOKEN (HTTP ${status})`, TEST)
  return warning(`Telegram answers HTTP ${status}`, TEST)
}

function nameIn(body: string): string | undefined {
  const name = objectIn(body)?.name // Discord's alone
  return typeof name === 'string' ? name.slice(0, LONGEST_NAME) : undefined
}

/** The facts about alerts. */
export interface AlertFacts {
  /** The channels that are set up, with their findings. */
  readonly channels: readonly Judged[]
  /** The newest reason for which an alert was not taken, and how many wait or were given up for one. */
  readonly failing: { readonly count: number; readonly why: string } | undefined
}

/** Judges whether an alert would arrive, and whether those of before have. */
function judgeAlerts({ channels, failing }: AlertFacts): Judged[] {
  if (channels.length === 0)
    return [
      warning(
        'no channel is set up, so nobody hears of an incident: set ALERT_CHANNELS in .env, or ADMIN_ALERT_WEBHOOK',
      ),
    ]
  if (failing === undefined) return [...channels]
  const late = warning(`${countOf(failing.count, 'alert')} not taken: ${failing.why}`, TEST)
  return [...channels.filter(({ state }) => state !== 'ok'), late]
}

export const alertsCheck = checkOf({
  id: 'alerts',
  read: async ({ home }): Promise<AlertFacts> => {
    const { paths, settings, clock } = home
    const status = home.asOwner(() => alertsStatus(paths, clock.now()))
    const whys = [...(status?.given_up ?? []), ...(status?.waiting ?? [])].flatMap(({ why }) => why ?? [])
    const why = whys.at(-1)
    return {
      channels: await Promise.all(alertChannels(settings).map((name) => askChannel(name, settings))),
      failing: why === undefined ? undefined : { count: whys.length, why },
    }
  },
  judge: judgeAlerts,
})

/** Judges the address of the outside monitor; `why` is why no connection to it comes about. */
export function judgeHeartbeat({
  isSet,
  why,
}: {
  readonly isSet: boolean
  readonly why: string | undefined
}): Judged[] {
  if (!isSet) return [ok('no outside monitor is set up (HEARTBEAT_URL)')]
  if (why === undefined) return [ok('the outside monitor can be reached')]
  return [fault(`the outside monitor of HEARTBEAT_URL can't be reached: ${why}`)]
}

export const heartbeatCheck = checkOf({
  id: 'heartbeat',
  async read({ home }) {
    const { HEARTBEAT_URL: url } = home.settings
    // any request is a heartbeat to a monitor: it would say that all is well
    return { isSet: url !== undefined, why: url === undefined ? undefined : await whyNotReachable(url, ASK_MS) }
  },
  judge: judgeHeartbeat,
})
