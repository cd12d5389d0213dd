import http from 'node:http'
import type { FaultyServer } from './faulty-server.js'

const HOLD_MS = 500

/** A stand-in of the Telegram Bot API: it lets a bot poll for updates, and knows how many nobody has fetched. */
export async function telegramServer(host: string): Promise<FaultyServer> {
  let silent = false
  const server = http.createServer((request, response) => {
    const answer = (result: unknown) => {
      if (silent) return // the connection stays
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ ok: true, result }))
    }
    const method = request.url?.split('/').at(-1)?.split('?')[0]
    request.resume()
    if (method === 'getMe') answer({ id: 1, is_bot: true, first_name: 'bot', username: 'a_bot' })
    else if (method === 'getUpdates') setTimeout(answer, HOLD_MS, [])
    else answer(true)
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as { port: number }
  return {
    address: `http://${host}:${port}`,
    fallSilent: () => {
      silent = true
    },
    end: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
