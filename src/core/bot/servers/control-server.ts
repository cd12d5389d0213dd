import { randomBytes } from 'node:crypto'
import { DRILLS, type Drill } from '#core/bot/drill.js'
import { CONTROL_HEALTH } from '#core/health/client.js'
import { INSTANCE_HEADER } from '#core/health/instance-header.js'
import type { HealthReport } from '#core/health/report.js'
import { serve } from '#core/platform/net/http.js'
import { sendText } from '#core/platform/net/send-text.js'

/**
 * The loopback address on which our own clients ask the bot for its health, to stop, and to fail. It has a listener of
 * its own: no flood of the endpoint or of the reports makes a working bot seem silent.
 */
export interface ControlServer {
  /** The address, with a secret in its path that the program doesn't get. */
  readonly url: string
  close(): Promise<void>
}

export interface ControlHandlers {
  readonly instance: string
  /** Answers `GET …/health`. */
  readonly report: () => HealthReport
  /** Handles `POST …/stop`: stops the bot gracefully, on every platform. */
  readonly onStop: () => void
  /** Handles `POST …/drill/crash`: brings the bot down a moment later, or returns why not. */
  readonly onDrill: (drill: Drill) => string | undefined
}

const LIMITS = { total: 128, perAddress: 128 }

/** Opens the control server on a random port. */
export async function openControlServer(handlers: ControlHandlers): Promise<ControlServer> {
  const path = `/${randomBytes(24).toString('base64url')}`
  const listener = await serve({ host: '127.0.0.1', port: 0, limits: LIMITS }, (request, response) => {
    const { url = '', method } = request
    const isHealth = url === path + CONTROL_HEALTH
    const isStop = url === `${path}/stop`
    const drill = DRILLS.find((name) => url === `${path}/drill/${name}`)
    const expected = isHealth ? 'GET' : 'POST'
    if (!isHealth && !isStop && drill === undefined) sendText(response, 404, 'not here')
    else if (method !== expected) sendText(response, 405, `only ${expected}`)
    else if (isHealth) {
      response.setHeader(INSTANCE_HEADER, handlers.instance)
      sendText(response, 200, JSON.stringify(handlers.report()))
    } else if (isStop) {
      sendText(response, 202, 'stopping')
      handlers.onStop()
    } else if (drill) {
      const refusal = handlers.onDrill(drill)
      sendText(response, refusal === undefined ? 202 : 409, refusal ?? 'begins')
    }
  })
  return { url: `http://127.0.0.1:${listener.port}${path}`, close: () => listener.close() }
}
