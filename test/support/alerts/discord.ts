import http, { type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Embed } from '#core/alerts/channels/discord.js'

export type Mood = 'takes' | 'limits' | 'fails' | 'hangs'

/** The secret in the webhook's address. */
export const KEY = 'the-secret-key-of-this-webhook'
export const PATH = `/api/webhooks/4711/${KEY}`

/** Discord, as far as a webhook sees it: it makes messages and edits them, or is in another mood. */
export class Discord {
  /** Each request, such as `POST takes`. */
  readonly asked: string[] = []
  /** The texts that each message has had, by its name. */
  readonly messages = new Map<string, Embed[]>()
  /** A message of which each text that contains this fails with HTTP 500. */
  poison: string | undefined
  /** What a rate limit asks for, in seconds. */
  retryAfter = 0.02
  #mood: Mood = 'takes'
  #count = 0
  readonly #hanging: ServerResponse[] = []
  readonly #server = http.createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () =>
      this.#answer(request.method ?? '', new URL(request.url ?? '', 'http://x').pathname, body, response),
    )
  })

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    return closed
  }

  get webhook(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${PATH}`
  }

  become(mood: Mood): void {
    this.#mood = mood
    for (const response of this.#hanging.splice(0)) response.destroy()
  }

  /** The titles that each message has had, without the bot's name. */
  titles(): string[][] {
    return [...this.messages.values()].map((edits) => edits.map(({ title }) => title.replace(/^[^:]*: /, '')))
  }

  #answer(method: string, path: string, body: string, response: ServerResponse): unknown {
    this.asked.push(`${method} ${this.#mood}`)
    if (this.#mood === 'hangs') return this.#hanging.push(response)
    if (this.#mood === 'limits')
      return response.writeHead(429).end(`{"retry_after": ${this.retryAfter}, "global": false}`)
    if (this.#mood === 'fails' || (this.poison !== undefined && body.includes(this.poison)))
      return response.writeHead(500).end('<html>')
    const embed: Embed = JSON.parse(body).embeds[0]
    if (method === 'POST' && path === PATH) {
      const made = String(++this.#count)
      this.messages.set(made, [embed])
      return response.end(JSON.stringify({ id: made }))
    }
    const id = path.split('/messages/')[1] ?? ''
    const message = path.startsWith(`${PATH}/`) ? this.messages.get(id) : undefined
    if (method !== 'PATCH' || message === undefined) return response.writeHead(404).end('{"code": 10008}')
    message.push(embed)
    return response.end(JSON.stringify({ id }))
  }
}
