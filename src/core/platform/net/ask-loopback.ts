import net, { type Socket } from 'node:net'
import type { Answer } from './http.js'
import { reasonOf } from './reason.js'

/** The longest answer that is read; more is an error. */
const MAX_BYTES = 1024 * 1024

/**
 * Sends a GET to a server of ours on this machine, over a plain socket: loading node's own client takes longer than all
 * else that a short command does. It asks in HTTP/1.0, so that the answer is in one piece and ends with the connection.
 * @throws an Error that says why there was no answer: refused, cut, too slow, too long, not HTTP.
 */
export async function askLoopback(url: string, timeoutMs: number): Promise<Answer> {
  const { host, hostname, port, pathname } = new URL(url)
  const socket = net.connect({ host: hostname, port: Number(port) })
  socket.write(`GET ${pathname} HTTP/1.0\r\nHost: ${host}\r\n\r\n`)
  const late = () => socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`))
  const timer = setTimeout(late, timeoutMs)
  try {
    return answerIn(await everythingFrom(socket))
  } catch (error) {
    socket.destroy()
    throw new Error(reasonOf(error), { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

function everythingFrom(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_BYTES) reject(new Error(`the answer is longer than ${MAX_BYTES} bytes`))
    })
    socket.once('end', () => resolve(Buffer.concat(chunks))).once('error', reject)
  })
}

/** Reads an answer, which ends where the connection did: by its length it is known to be whole. */
function answerIn(bytes: Buffer): Answer {
  const end = bytes.indexOf('\r\n\r\n')
  const [first = '', ...lines] = bytes.toString('latin1', 0, Math.max(0, end)).split('\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})\b/.exec(first)?.[1]
  if (status === undefined) throw new Error(bytes.length === 0 ? 'the connection was cut' : 'the answer is not HTTP')
  const headers = Object.fromEntries(lines.map(headerIn))
  const body = bytes.subarray(end + 4)
  if (body.length < Number(headers['content-length'] ?? 0)) throw new Error('the connection was cut')
  return { status: Number(status), headers, body: body.toString('utf8') }
}

/** Returns the name of a header in lower case, and its value. */
function headerIn(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}
