import { realClock } from '#core/platform/clock.js'
import { packageVersion } from '#core/platform/package.js'
import { runDaemon, type What } from './run-daemon.js'

/** Runs `bot start` for a home. */
export function main(_words: 'bot start', home: string): Promise<void> {
  return runDaemon('bot', home, bot)
}

async function bot(what: What): Promise<number> {
  const { runBot } = await import('#core/bot/run/run-bot.js')
  const builtIn = async () => (await import('#bots/news/index.js')).newsBot({ demo: false })
  const pageFacts = async () => (await import('#core/condition/page-facts.js')).pageFacts(realClock, what)
  return runBot(realClock, {
    ...what,
    pageFacts,
    version: packageVersion(),
    builtIn,
    once: false,
    dryRun: false,
    service: process.env.CATALYST_SERVICE,
    isChild: process.env.CATALYST_CHILD !== undefined,
    watchdogMetrics: async () => {
      const { readWatchdogMetrics } = await import('#core/watchdog/watchdog-metrics.js')
      return readWatchdogMetrics(what.paths, what.config.settings, realClock.now())
    },
  })
}
