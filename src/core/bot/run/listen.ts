import { openEndpoint } from '#core/bot/servers/open-endpoint.js'
import { isEndpointOn } from '#core/health/client.js'
import { healthEndpoint } from '#core/health/endpoint/endpoint.js'
import { StatusPage } from '#core/health/page/status-page.js'
import { withoutPaths } from '#core/health/page/without-paths.js'
import { answerFirst } from '#core/platform/net/answer-first.js'
import { printable } from '#core/printable.js'
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
  const page = openPage(run)
  const handler = healthEndpoint({
    instance: claim.instance,
    access: { token: settings.HEALTH_TOKEN, host: where.host },
    state: () => monitor.state(),
    report: run.report,
    metrics: run.metrics,
    page,
  })
  const listener = await openEndpoint(run.clock, where, handler, {
    signal: run.stopRequest.signal,
    onWait: () => log.warn(`port ${where.port} is taken: waiting up to 10 s for it`),
  })
  if (!listener) return
  closing.push(() => listener.close())
  closing.push(() => page.live.close())
  await answerFirst()
  run.note({ endpoint: { host: where.host, port: listener.port } })
  log.info(`health endpoint: http://${where.host}:${listener.port}/health/ping`)
  run.ready()
}

function openPage({ clock, report, history, redact, paths, pageFacts: facts }: Run): StatusPage {
  const clean = (text: string) => printable(withoutPaths(redact(text), paths.home))
  return new StatusPage(clock, { report, history, facts, clean })
}
