import { featuresOf } from '#core/health/gauges/dependencies.js'
import { startGauges } from '#core/health/gauges/gauges.js'
import { healthReport } from '#core/health/report.js'
import { readBotFile } from '#core/home/bot-file.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { pauseOf } from '#core/home/pause.js'
import { botMetrics, processFigures } from '#core/metrics/bot-metrics.js'
import { exposition } from '#core/metrics/exposition.js'
import type { Clock } from '#core/platform/clock.js'
import { memoryOfTree } from '#core/platform/process/process-tree.js'
import type { Run, RunBotOptions } from './run.js'

/** Begins to gather the slow figures. Returns what reports all current ones, to people and to Prometheus. */
export function openReport(
  clock: Clock,
  { paths, config, version, once, pageFacts, watchdogMetrics = async () => [] }: RunBotOptions,
  { release, monitor, log, closing }: Pick<Run, 'release' | 'monitor' | 'log' | 'closing'>,
): Pick<Run, 'report' | 'metrics'> & { readonly delayMs: () => number } {
  const { settings, environment, dependencies } = config
  const { TIME_SERVER: server, CLOCK_MAX_OFFSET: maxSeconds } = settings
  const time = server === undefined || once ? undefined : { server, maxSeconds, log }
  const gauges = startGauges(clock, { dataFolder: paths.data, dependencies, monitor, time })
  closing.push(gauges.stop)
  const identity = {
    name: settings.BOT_NAME,
    version,
    release: release?.name ?? null,
    environment: settings.DEPLOYMENT_ENV,
    features: featuresOf({
      ...environment,
      FEATURE_HEALTH_ENDPOINT: settings.FEATURE_HEALTH_ENDPOINT ? '1' : '0',
    }),
  }
  return {
    delayMs: () => gauges.read().eventLoopLagMs,
    report: () => healthReport(monitor, gauges.read(), identity, clock.now(), pauseOf(paths, clock.now())?.until),
    async metrics() {
      const own = { monitor, gauges: gauges.read(), identity, process: processFigures() }
      const programBytes = await bestKnown(() => programMemory(paths), undefined)
      const rating = release && (await bestKnown(async () => (await pageFacts()).rating()?.rating, undefined))
      const watchdog = await bestKnown(watchdogMetrics, [])
      return exposition(settings.BOT_NAME, [...botMetrics({ ...own, rating, programBytes }), ...watchdog])
    },
  }
}

/** Returns what can be read, or else this: the bot's own metrics are worth a scrape without it. */
async function bestKnown<T>(read: () => Promise<T>, orElse: T): Promise<T> {
  try {
    return await read()
  } catch {
    return orElse
  }
}

/**
 * Returns the memory of the program that runs as the bot, with all that it has started. On Linux alone: elsewhere a program
 * would have to be asked at each scrape.
 */
async function programMemory({ bot }: HomePaths): Promise<number | undefined> {
  const program = process.platform === 'linux' ? readBotFile(bot)?.program : undefined
  return program && memoryOfTree([program.pid])
}
