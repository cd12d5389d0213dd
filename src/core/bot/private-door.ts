import { randomBytes } from 'node:crypto'
import { type IncomingMessage, type Listener, type ServerResponse, serve } from '#core/system/http.js'
import { DRILLS, type Drill } from './drill.js'
import { LONGEST_REPORT_BYTES, parseReport, type Report } from './reports.js'

/** The loopback address of a running bot: the program reports there, and our own clients ask the bot to end or to fail. */
export interface PrivateDoor {
  /** What the program gets as CATALYST_REPORT_URL. */
  readonly reportUrl: string
  /** `POST …/stop` ends the bot gracefully, on every platform; `POST …/drill/crash` makes it crash. Kept from the program. */
  readonly controlUrl: string
  close(): Promise<void>
}

export interface DoorHandlers {
  readonly onReport: (report: Report) => void
  readonly onStop: () => void
  /** Brings the bot down a moment later; the answer is why not, if so. */
  readonly onDrill: (drill: Drill) => string | undefined
}

/** Opens it on a random port, with a secret path for each of the two. */
export async function openPrivateDoor(handlers: DoorHandlers): Promise<PrivateDoor> {
  const report = `/${randomBytes(24).toString('base64url')}`
  const control = `/${randomBytes(24).toString('base64url')}`
  const listener: Listener = await serve({ host: '127.0.0.1', port: 0, maxConnections: 1024 }, (request, response) => {
    const url = request.url ?? ''
    const isStop = url === `${control}/stop`
    const drill = DRILLS.find((name) => url === `${control}/drill/${name}`)
    if (!isStop && drill === undefined && !url.startsWith(`${report}/`)) send(response, 404, 'not here')
    else if (request.method !== 'POST') send(response, 405, 'only POST')
    else if (isStop) {
      send(response, 202, 'stopping')
      handlers.onStop()
    } else if (drill) {
      const refusal = handlers.onDrill(drill)
      send(response, refusal === undefined ? 202 : 409, refusal ?? 'begins')
    } else void answerReport(request, response, url.slice(report.length + 1), handlers.onReport)
  })
  const base = `http://127.0.0.1:${listener.port}`
  return { reportUrl: base + report, controlUrl: base + control, close: () => listener.close() }
}

async function answerReport(
  request: IncomingMessage,
  response: ServerResponse,
  kind: string,
  onReport: (report: Report) => void,
): Promise<void> {
  const body = await bodyOf(request)
  if (body === undefined) return send(response, 413, `a report has at most ${LONGEST_REPORT_BYTES} bytes`)
  const report = parseReport(kind, body)
  if ('fault' in report) return send(response, /^(cycle|alert|error)$/.test(kind) ? 400 : 404, report.fault)
  onReport(report)
  send(response, 200, 'ok')
}

/** The request's body, or undefined when it is too long; the rest of such a body isn't kept. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length
      if (size > LONGEST_REPORT_BYTES) return undefined
      chunks.push(chunk)
    }
  } catch {
    return undefined // cut off: the sender went away
  }
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * Whatever is left of a refused request is read and thrown away before the answer ends, as long as a request may take:
 * a connection that is closed on a sender in the middle of its words takes our answer with it.
 */
function send(response: ServerResponse, code: number, text: string): void {
  const { req: request } = response
  const body = `${text}\n`
  response.writeHead(code, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(body) })
  response.write(body)
  const end = () => void response.end()
  if (request.complete) end()
  else request.once('end', end).once('close', end).resume()
}
