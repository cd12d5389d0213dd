import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

/** A mail as it arrived. */
export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  /** The headers, by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly raw: string
}

const MAIL_USER = 'bot'
export const MAIL_PASSWORD = 'the-password-of-the-mailbox'

/** A real SMTP server on loopback, without TLS, that takes mails for one user. */
export class MailServer {
  readonly mails: ReceivedMail[] = []
  /** The reply to a recipient or a message; undefined: it is taken. */
  refuses: { at: 'recipient' | 'message'; code: number } | undefined
  /** The number of logins that were tried. */
  logins = 0
  readonly #server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) => {
      this.logins++
      if (username === MAIL_USER && password === MAIL_PASSWORD) done(null, { user: username })
      else done(new Error('Invalid username or password'))
    },
    onRcptTo: (_address, _session, done) => done(this.#fault('recipient')),
    onData: (stream, session, done) => {
      let raw = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => {
        raw += chunk
      })
      stream.on('end', () => {
        const fault = this.#fault('message')
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        if (!fault) this.mails.push({ from, to: rcptTo.map(({ address }) => address), ...partsOf(raw) })
        done(fault)
      })
    },
  })

  async open(): Promise<this> {
    this.#server.on('error', () => {}) // a client that hangs up
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  url(password = MAIL_PASSWORD): string {
    const { port } = this.#server.server.address() as AddressInfo
    return `smtp://${MAIL_USER}:${password}@127.0.0.1:${port}`
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #fault(at: 'recipient' | 'message'): Error | null {
    return this.refuses?.at === at
      ? Object.assign(new Error('not taken here'), { responseCode: this.refuses.code })
      : null
  }
}

function partsOf(raw: string): Pick<ReceivedMail, 'headers' | 'text' | 'raw'> {
  const [head = '', ...rest] = raw.split('\r\n\r\n')
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.split(':')[0]?.toLowerCase() ?? '', line.slice(line.indexOf(':') + 1).trim()]),
  )
  const body = rest.join('\r\n\r\n')
  const encoding = headers['content-transfer-encoding']
  return { headers, text: encoding === 'base64' ? Buffer.from(body, 'base64').toString() : unquoted(body), raw }
}

/** Decodes quoted-printable (RFC 2045, section 6.7). */
function unquoted(text: string): string {
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([\dA-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}
