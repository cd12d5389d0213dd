import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as a counterpart has received it. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
  // biome-ignore lint/suspicious/noExplicitAny: what a channel sends is what a test looks into
  readonly json: any
}

export interface Reply {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** An HTTP server on loopback that stands for a channel: it records what comes, and answers as it is told. */
export class ChatServer {
  readonly received: Received[] = []
  /** Returns the answer to a request; undefined: it never comes. */
  answer: (request: Received) => Reply | undefined
  readonly #server: http.Server

  constructor(answer: (request: Received) => Reply | undefined = () => ({ body: 'ok' })) {
    this.answer = answer
    this.#server = http.createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request
        const json = headers['content-type']?.includes('json') ? JSON.parse(body) : undefined
        const received = { method, path, headers, body, json }
        this.received.push(received)
        const reply = this.answer(received)
        if (reply) response.writeHead(reply.status ?? 200, reply.headers).end(reply.body ?? '')
      })
    })
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    return closed
  }
}

/** Answers as Telegram's Bot API does for one bot and one chat. */
export function telegramAnswers(token: string, chat: string): (request: Received) => Reply {
  const texts = new Map<number, string>()
  const refused = (status: number, description: string): Reply => ({
    status,
    body: JSON.stringify({ ok: false, error_code: status, description }),
  })
  return ({ path, json }) => {
    const [, bot, method] = /^\/bot([^/]+)\/(\w+)$/.exec(path) ?? []
    if (bot !== token) return refused(401, 'Unauthorized')
    if (json.chat_id !== chat) return refused(400, 'Bad Request: chat not found')
    const id = method === 'sendMessage' ? texts.size + 1 : json.message_id
    if (method === 'editMessageText' && !texts.has(id)) return refused(400, 'Bad Request: message to edit not found')
    if (texts.get(id) === json.text)
      return refused(400, 'Bad Request: message is not modified: specified new message content is the same')
    texts.set(id, json.text)
    return { body: JSON.stringify({ ok: true, result: { message_id: id, text: json.text } }) }
  }
}
