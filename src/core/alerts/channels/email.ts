import { createHash } from 'node:crypto'
import { addressesOf } from '#core/config/alerts/alert-channels.js'
import { type Mail, type MailFailure, sendMail } from '#core/platform/net/mail.js'
import type { Channel, Delivery, Outcome } from './channel.js'
import { afterPosting, heldUntil, isWorthPosting, postedOf, postedText } from './folding.js'
import { cleaned, cut, plainText } from './plain-text.js'

const SUBJECT = 200
const TEXT = 10_000

/**
 * Returns the mail of an alert. All mails of an alert have the same subject, and name the first one, so that programs
 * show them as one conversation; a mail that is sent once more has the same id.
 */
export function mailOf({ id, at, alert: raw, sent }: Delivery, from: string, to: readonly string[]): Mail {
  const alert = cleaned(raw)
  const domain = from.split('@').at(-1) ?? 'localhost'
  const { about } = alert
  const home = createHash('sha256').update([about?.bot, about?.host].join('\n')).digest('hex').slice(0, 12)
  const first = `<catalyst.${id}.${home}@${domain}>`
  const isFirst = postedOf(sent) === undefined
  const subject = about?.kind === 'incident' ? `[${about.bot}] incident ${about.name}` : alert.title
  return {
    from,
    to,
    subject: cut(isFirst ? subject : `Re: ${subject}`, SUBJECT),
    text: cut(`${alert.title}\n\n${plainText(alert)}\n`, TEXT),
    messageId: isFirst ? first : `<catalyst.${id}.${home}.${at}@${domain}>`,
    date: new Date(at),
    ...(isFirst ? {} : { inReplyTo: first }),
    isUrgent: alert.tone === 'bad',
  }
}

/** Returns the channel of a mail server: a mail, and a reply to it for what is worth it afterwards. */
export function emailChannel({ smtp, from, to }: { smtp: string; from: string; to: string }): Channel {
  return {
    heldUntil,
    async deliver(delivery) {
      const before = postedOf(delivery.sent)
      if (!isWorthPosting(before, delivery.alert)) return { kind: 'sent', message: delivery.sent }
      const failure = await sendMail(smtp, mailOf(delivery, from.trim(), addressesOf(to)))
      if (failure === undefined) return { kind: 'sent', message: postedText(afterPosting(before, delivery.alert)) }
      return mailOutcome(failure)
    },
  }
}

/** Returns the outcome of a mail that was not taken. */
function mailOutcome({ why: said, at, code }: MailFailure): Outcome {
  if (at === 'login') return { kind: 'failed', why: `${said}: check the user and password in ALERT_EMAIL_SMTP` }
  if (at === 'addresses' && (code === undefined || code >= 500))
    return { kind: 'failed', why: `${said}: check ALERT_EMAIL_FROM and ALERT_EMAIL_TO` }
  if (at === 'tls') return { kind: 'failed', why: `${said}: smtps:// is TLS from the start, smtp:// uses STARTTLS` }
  return { kind: at === 'message' && code !== undefined && code >= 500 ? 'refused' : 'failed', why: said }
}
