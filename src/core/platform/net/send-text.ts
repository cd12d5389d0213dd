import type { ServerResponse } from './http.js'

/**
 * Answers with a line of text. The rest of a refused request is read and discarded before the answer ends, as long as a
 * request may take: closing a connection while the sender is still writing would lose our answer.
 */
export function sendText(response: ServerResponse, code: number, text: string): void {
  const { req: request } = response
  const body = `${text}\n`
  response.writeHead(code, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(body) })
  response.write(body)
  const end = () => void response.end()
  if (request.complete) end()
  else request.once('end', end).once('close', end).resume()
}
