import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** How the stand-in answers at the moment. */
export type Mood = 'well' | 'fails' | 'limits' | 'hangs up' | 'is silent'

/** A message as the admin sees it by now. */
export interface Message {
  readonly id: string
  readonly site: string
  title: string
  text: string
  /** How often it was edited. */
  edits: number
  readonly madeAt: number
}

/** Discord's webhooks as far as they matter here: a message is made, gets an id, and can be edited by that. */
export class StandIn {
  readonly messages = new Map<string, Message>()
  mood: Mood = 'well'
  /** Edits of messages that were never made. */
  readonly strays: string[] = []
  readonly #server = http.createServer((request, response) => void this.#answer(request, response))
  #made = 0

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  webhookOf(site: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/webhooks/1/${site}`
  }

  of(site: string): Message[] {
    return [...this.messages.values()].filter((message) => message.site === site)
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    response.on('error', () => {})
    for await (const chunk of request) chunks.push(chunk)
    switch (this.mood) {
      case 'is silent':
        return
      case 'hangs up':
        request.destroy()
        return
      case 'fails':
        response.writeHead(503).end('no healthy upstream')
        return
      case 'limits':
        response.writeHead(429, { 'Retry-After': '2' }).end(JSON.stringify({ retry_after: 0.5 }))
        return
      default:
        this.#take(request, JSON.parse(Buffer.concat(chunks).toString('utf8')), response)
    }
  }

  #take({ method, url = '' }: http.IncomingMessage, body: { embeds: unknown[] }, response: http.ServerResponse): void {
    const [, site = '', id] = /^\/api\/webhooks\/1\/([\w-]+)(?:\/messages\/(\d+))?/.exec(url) ?? []
    const { title, ...rest } = body.embeds[0] as { title: string }
    const text = JSON.stringify(rest)
    if (method === 'POST') {
      const made = String(++this.#made)
      this.messages.set(made, { id: made, site, title, text, edits: 0, madeAt: performance.now() })
      response.end(JSON.stringify({ id: made }))
      return
    }
    const known = id === undefined ? undefined : this.messages.get(id)
    if (known === undefined) this.strays.push(`${method} ${url}`)
    else Object.assign(known, { title, text, edits: known.edits + 1 })
    response.end(JSON.stringify({ id }))
  }
}
