import { openEndpoint } from '#core/bot/servers/open-endpoint.js'
import { isEndpointOn } from '#core/health/client.js'
import { healthEndpoint } from '#core/health/endpoint/endpoint.js'
import type { Run } from './run.js'

/** Binds the endpoint, if it is switched on and nobody asks the bot to stop before. Then this process has come up. */
export async function listen(run: Run): Promise<void> {
  const { settings } = run.config
  const { claim, monitor, log, closing } = run
  if (run.once) return
  if (!isEndpointOn(settings)) {
    log.warn('the health endpoint is switched off: nobody can ask for the health of the bot')
    return
  }
  const where = { host: settings.HEALTH_CHECK_HOST, port: settings.HEALTH_CHECK_PORT }
  const handler = healthEndpoint({
    instance: claim.instance,
    access: { token: settings.HEALTH_TOKEN, host: where.host },
    state: () => monitor.state(),
    report: run.report,
    metrics: run.metrics,
  })
  const listener = await openEndpoint(run.clock, where, handler, {
    signal: run.stopRequest.signal,
    onWait: () => log.warn(`port ${where.port} is taken: waiting up to 10 s for it`),
  })
  if (!listener) return
  closing.push(() => listener.close())
  run.note({ endpoint: { host: where.host, port: listener.port } })
  log.info(`health endpoint: http://${where.host}:${listener.port}/health/ping`)
  run.ready()
}
