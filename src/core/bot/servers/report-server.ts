import { randomBytes } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, serve } from '#core/platform/net/http.js'
import { sendText } from '#core/platform/net/send-text.js'
import { isReportKind, LONGEST_REPORT_BYTES, parseReport, type Report } from './reports.js'

/** The loopback address to which the program reports. */
export interface ReportServer {
  /** The address that the program gets as CATALYST_REPORT_URL. */
  readonly url: string
  close(): Promise<void>
}

const LIMITS = { total: 256, perAddress: 256 }

/** Opens the report server on a random port, with a secret path. `onReport` returns why it refuses a report, if it does. */
export async function openReportServer(onReport: (report: Report) => string | undefined): Promise<ReportServer> {
  const path = `/${randomBytes(24).toString('base64url')}`
  const listener = await serve({ host: '127.0.0.1', port: 0, limits: LIMITS }, (request, response) => {
    const { url = '', method } = request
    if (!url.startsWith(`${path}/`)) sendText(response, 404, 'not here')
    else if (method !== 'POST') sendText(response, 405, 'only POST')
    else void answerReport(request, response, url.slice(path.length + 1), onReport)
  })
  return { url: `http://127.0.0.1:${listener.port}${path}`, close: () => listener.close() }
}

async function answerReport(
  request: IncomingMessage,
  response: ServerResponse,
  kind: string,
  onReport: (report: Report) => string | undefined,
): Promise<void> {
  const body = await bodyOf(request)
  if (body === undefined) return sendText(response, 413, `a report has at most ${LONGEST_REPORT_BYTES} bytes`)
  const report = parseReport(kind, body)
  if ('fault' in report) return sendText(response, isReportKind(kind) ? 400 : 404, report.fault)
  const refusal = onReport(report)
  sendText(response, refusal === undefined ? 200 : 409, refusal ?? 'ok')
}

/** Reads the request's body; undefined where it is too long. The rest of such a body is dropped. */
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
    return undefined // incomplete: the sender went away
  }
  return Buffer.concat(chunks).toString('utf8')
}
