import { createHmac } from 'node:crypto'
import type { Alert, AlertField, Tone } from '#core/alerts/alert.js'
import type { Channel } from './channel.js'
import { cleaned } from './plain-text.js'
import { postJson } from './post-json.js'

/** The state of an alert for machines. */
const STATES = {
  warning: 'open',
  working: 'in_progress',
  good: 'resolved',
  bad: 'needs_attention',
} as const satisfies Record<Tone, string>

/** The JSON of an alert, version 1. docs/alerts.md describes it; keys are only added. */
export interface WebhookAlert {
  readonly version: 1
  /** The same for all posts of one incident or deployment. */
  readonly id: string
  /** When the text was made, RFC 3339: with `id` it names this post. */
  readonly time: string
  readonly kind: 'incident' | 'deployment' | 'backup' | 'test' | 'other'
  /** The name by which commands find it. */
  readonly name: string | null
  readonly state: (typeof STATES)[Tone]
  readonly bot: string | null
  readonly environment: string | null
  readonly host: string | null
  readonly release: string | null
  readonly title: string
  readonly text: string
  readonly since: string | null
  readonly ended: string | null
  readonly restarts: number | null
  readonly next_restart: string | null
  /** Where the bot hung, or its last words. */
  readonly evidence: string | null
  readonly commands: readonly string[]
}

/** Returns the JSON of an alert. `at` is when its text was made, in ms since 1970. */
export function webhookAlert({ id, at, alert }: { id: string; at: number; alert: Alert }): WebhookAlert {
  const { about, fields, title, description } = cleaned(alert)
  const fieldOf = (key: NonNullable<AlertField['key']>) => fields.find((field) => field.key === key)?.value ?? null
  const restarts = fieldOf('restarts')
  return {
    version: 1,
    id,
    time: new Date(at).toISOString(),
    kind: about?.kind ?? 'other',
    name: about?.name ?? null,
    state: STATES[alert.tone],
    bot: about?.bot ?? null,
    environment: about?.environment ?? null,
    host: about?.host ?? null,
    release: about?.release ?? null,
    title,
    text: description,
    since: fieldOf('since'),
    ended: about?.ended ?? null,
    restarts: restarts === null ? null : Number(restarts),
    next_restart: fieldOf('next_restart'),
    evidence: fieldOf('evidence'),
    commands: fieldOf('commands')?.split('\n') ?? [],
  }
}

/**
 * Returns the headers that sign a body, as Standard Webhooks does: `v1,` and the HMAC-SHA256, in base64, of the post's
 * name, the time in seconds and the body, with dots between. A secret that begins with `whsec_` is base64.
 */
export function signed(
  { name, seconds, body }: { readonly name: string; readonly seconds: number; readonly body: string },
  secret: string | undefined,
): Record<string, string> {
  const known = { 'webhook-id': name, 'webhook-timestamp': String(seconds) }
  if (secret === undefined) return known
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret)
  const digest = createHmac('sha256', key).update(`${name}.${seconds}.${body}`).digest('base64')
  return { ...known, 'webhook-signature': `v1,${digest}` }
}

/** Returns the channel of an address that takes JSON: it gets every text. `wall` returns wall time in ms. */
export function webhookChannel(url: string, secret: string | undefined, wall: () => number): Channel {
  return {
    deliver({ id, at, alert }) {
      const body = JSON.stringify(webhookAlert({ id, at, alert }))
      const headers = signed({ name: `${id}-${at}`, seconds: Math.floor(wall() / 1000), body }, secret)
      return postJson(
        { url, headers, body },
        {
          sent: () => 'sent',
          advice: ({ status }) => {
            if (status === 401 || status === 403)
              return 'it does not accept the post: compare ALERT_WEBHOOK_SECRET on both sides'
            return [404, 405, 410].includes(status) ? 'nothing takes posts there: check ALERT_WEBHOOK_URL' : undefined
          },
        },
      )
    },
  }
}
