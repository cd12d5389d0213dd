import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Limits } from '#bots/news/limits.js'
import type { BotContext } from '#core/bot/contract.js'

/** Limits short enough for tests; the proportions are those of the real ones. */
export const SHORT: Partial<Limits> = { tryMs: 400, pauseMs: 5, roundMs: 4_000, webhookMs: 300 }

interface LogLine {
  readonly level: 'info' | 'warn'
  readonly message: string
  readonly fields: Record<string, unknown>
}

export interface TestContext extends BotContext {
  readonly lines: LogLine[]
  readonly alerts: string[]
  readonly errors: Error[]
  readonly stopper: AbortController
  infos(): string[]
  warnings(): string[]
  alertLines(): LogLine[]
}

/** A bot's context that remembers what the bot reported. */
export function testContext(parts: Partial<BotContext> = {}): TestContext {
  const lines: LogLine[] = []
  const alerts: string[] = []
  const errors: Error[] = []
  const stopper = new AbortController()
  const write =
    (level: LogLine['level']) =>
    (first: unknown, second?: string): void => {
      if (typeof first === 'string') lines.push({ level, message: first, fields: {} })
      else lines.push({ level, message: second ?? '', fields: first as Record<string, unknown> })
    }
  return {
    log: { info: write('info'), warn: write('warn') } as unknown as Logger,
    signal: stopper.signal,
    settings: {},
    dataFolder: '/nonexistent/never-written',
    dryRun: false,
    recordCycle() {},
    recordAlert: (message = '') => alerts.push(message),
    recordError: (error) => errors.push(error as Error),
    busy() {},
    idle() {},
    starting() {},
    ...parts,
    lines,
    alerts,
    errors,
    stopper,
    infos: () => lines.filter(({ level }) => level === 'info').map(({ message }) => message),
    warnings: () => lines.filter(({ level }) => level === 'warn').map(({ message }) => message),
    alertLines: () => lines.filter(({ fields }) => fields.alert === true),
  }
}

interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface TestServer {
  readonly url: string
  readonly requests: SeenRequest[]
  close(): Promise<void>
}

type Handler = (request: SeenRequest, response: ServerResponse, index: number) => void

/** A real server on a free loopback port; it keeps what it was asked. */
export async function serve(handler: Handler): Promise<TestServer> {
  const requests: SeenRequest[] = []
  const server: Server = createServer(async (request, response) => {
    response.on('error', () => {})
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const seen: SeenRequest = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    }
    requests.push(seen)
    handler(seen, response, requests.length - 1)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Runs `use` with something that must be closed afterwards, come what may. */
export async function using<T extends { close(): Promise<void> }, R>(
  opening: Promise<T>,
  use: (thing: T) => Promise<R>,
): Promise<R> {
  const thing = await opening
  try {
    return await use(thing)
  } finally {
    await thing.close()
  }
}

/** Runs `use` with a folder of its own, which is removed afterwards. */
export async function withFolder<R>(use: (folder: string) => Promise<R>): Promise<R> {
  const folder = await mkdtemp(join(tmpdir(), 'catalyst-news-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export interface TestItem {
  readonly id: string
  readonly title?: string
  readonly date?: number
}

/** RSS of items that score 3 unless they have another title. */
export function rss(items: readonly TestItem[]): string {
  const body = items.map(({ id, title = `FDA approves ${id}`, date }) => {
    const published = date === undefined ? '' : `<pubDate>${new Date(date).toUTCString()}</pubDate>`
    return `<item><guid isPermaLink="false">${id}</guid><title>${title}</title>${published}</item>`
  })
  return `<rss version="2.0"><channel><title>test</title>${body.join('')}</channel></rss>`
}

export function fixture(name: string): Promise<Buffer> {
  return readFile(new URL(`../../fixtures/feeds/${name}`, import.meta.url))
}

/** What a promise is rejected with; fails when it isn't. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  throw new Error('it was expected to reject')
}
