import type { Alert, Tone } from '#core/alerts/alert.js'
import { topicOf } from '#core/config/alerts/alert-channels.js'
import { objectIn } from '#core/json.js'
import type { Channel } from './channel.js'
import { cleaned, cut, cutBytes, plainText } from './plain-text.js'
import { postJson } from './post-json.js'

/** From 1 (min) to 5 (urgent): that a restart is under way makes no sound. Source: ntfy's documentation. */
const PRIORITIES: Readonly<Record<Tone, number>> = { warning: 4, working: 2, good: 3, bad: 5 }
/** ntfy shows a tag that is the short code of an emoji as that emoji. */
const TAGS: Readonly<Record<Tone, string>> = {
  warning: 'warning',
  working: 'hourglass_flowing_sand',
  good: 'white_check_mark',
  bad: 'rotating_light',
}
/** A longer message would become an attachment. Source: ntfy's documentation, "Limitations". */
const MESSAGE_BYTES = 4000
const TITLE = 200

/** Returns the alert as ntfy takes it in JSON, so that no text has to fit into a header. */
export function ntfyMessage(raw: Alert, topic: string, id: string): object {
  const alert = cleaned(raw)
  return {
    topic,
    title: cut(alert.title, TITLE),
    message: cutBytes(plainText(alert), MESSAGE_BYTES),
    priority: PRIORITIES[alert.tone],
    tags: [TAGS[alert.tone]],
    // a newer message with the same id replaces the one before (ntfy 2.16); older servers ignore it
    ...(/^[-\w]{1,64}$/.test(id) ? { sequence_id: id } : {}),
  }
}

/** Returns the channel of an ntfy topic: a message, which each further text of its alert replaces. */
export function ntfyChannel(url: string, token: string | undefined): Channel {
  return {
    async deliver({ id, alert }) {
      const place = topicOf(url)
      if (place === undefined) return { kind: 'failed', why: 'ALERT_NTFY_URL has no topic at its end' }
      const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` }
      return postJson(
        { url: `${place.server}/`, headers, body: JSON.stringify(ntfyMessage(alert, place.topic, id)) },
        {
          sent: () => 'sent', // the next text finds it by the id of the alert
          setting: 'ALERT_NTFY_URL',
          advice: ({ status, body }) => {
            if (status === 401 || status === 403)
              return 'the topic is protected: set ALERT_NTFY_TOKEN to a token that may write to it'
            const { error } = objectIn(body) ?? {}
            if (typeof error === 'string') return error
            return status === 404 ? 'this is no ntfy server: check ALERT_NTFY_URL' : undefined
          },
        },
      )
    },
  }
}
