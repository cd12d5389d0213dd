import { codeOf, messageOf } from '#core/errors.js'
import { reasonOf } from './reason.js'

/** A mail in plain text. */
export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  /** With its angle brackets. */
  readonly messageId: string
  /** The Message-ID of the first mail of the conversation. */
  readonly inReplyTo?: string
  readonly date: Date
  readonly isUrgent: boolean
}

/** Why a mail was not taken. */
export interface MailFailure {
  readonly why: string
  /** The part that failed. */
  readonly at: 'connection' | 'tls' | 'login' | 'addresses' | 'message'
  /** The reply code of the server (RFC 5321, section 4.2), where it gave one. */
  readonly code: number | undefined
}

const CONNECT_MS = 10_000
const SILENCE_MS = 15_000
/** The limit for all of it: a server that trickles is never silent. */
const WHOLE_MS = 60_000

/**
 * Hands a mail to the server at an `smtp://` or `smtps://` address; returns why it was not taken, or undefined. A login
 * goes over TLS only, but for this machine. No proxy is used. It never throws.
 */
export async function sendMail(address: string, mail: Mail, wholeMs = WHOLE_MS): Promise<MailFailure | undefined> {
  const limit = AbortSignal.timeout(wholeMs)
  try {
    const { hostname, port, protocol, username, password } = new URL(address)
    const isTls = protocol.toLowerCase() === 'smtps:'
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    const isLocal = /^(localhost|127(\.\d+){3}|::1)$/i.test(host)
    const login = { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
    const { createTransport } = await import('nodemailer')
    const transport = createTransport({
      host,
      port: port === '' ? (isTls ? 465 : 587) : Number(port),
      secure: isTls,
      requireTLS: !isTls && username !== '' && !isLocal,
      ...(username === '' ? {} : { auth: login }),
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    try {
      const { inReplyTo, isUrgent, to, ...rest } = mail
      await transport.sendMail({
        ...rest,
        to: [...to],
        ...(inReplyTo === undefined ? {} : { inReplyTo, references: inReplyTo }),
        signal: limit,
        priority: isUrgent ? 'high' : 'normal',
        headers: { 'Auto-Submitted': 'auto-generated' }, // so that no holiday notice answers (RFC 3834)
      })
      return undefined
    } finally {
      transport.close()
    }
  } catch (error) {
    if (limit.aborted)
      return { why: `the mail server took longer than ${wholeMs / 1000} s`, at: 'connection', code: undefined }
    return failureOf(error)
  }
}

const PARTS: Readonly<Record<string, MailFailure['at']>> = {
  EAUTH: 'login',
  ENOAUTH: 'login',
  EENVELOPE: 'addresses',
  EMESSAGE: 'message',
  EMAXLIMIT: 'message',
  ETLS: 'tls',
}

function failureOf(error: unknown): MailFailure {
  const { responseCode, response } = Object(error) as Record<string, unknown>
  const at = PARTS[codeOf(error) ?? ''] ?? 'connection'
  const code = typeof responseCode === 'number' ? responseCode : undefined
  if (typeof response === 'string' && response !== '') return { why: `the mail server says: ${response}`, at, code }
  if (at !== 'connection') return { why: messageOf(error), at, code }
  // nodemailer puts a code of its own in place of the system's, which its message still has
  const [system] = /\bE[A-Z_]{4,}\b/.exec(messageOf(error)) ?? []
  const cause = Object.assign(new Error(messageOf(error)), { code: system })
  return { why: `the mail server can't be reached: ${reasonOf(cause)}`, at, code }
}
