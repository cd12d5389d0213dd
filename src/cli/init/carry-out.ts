import { readFullConfig } from '#bots/config.js'
import { checkBot } from '#core/bot/runners/check-bot.js'
import type { Settings } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { ASK_TIMEOUT_MS, askHealth } from '#core/health/client.js'
import { waitForHealthy } from '#core/health/wait.js'
import type { Home } from '#core/home/home.js'
import type { BotFiles } from '#core/init/bot-files.js'
import { installLines } from '#core/init/install-command.js'
import { readText } from '#core/platform/fs/files.js'
import { identify } from '#core/platform/process/process-id.js'
import { quoteWord } from '#core/text.js'
import type { ChosenBot } from './find-bot.js'
import type { Steps } from './interview.js'

/** Runs a command of ours in this process, such as `service:install` with its words. */
export type RunCommand = (id: string, words: readonly string[]) => Promise<unknown>

/**
 * Carries out the steps, each by its command: the version is deployed before anything of the bot starts, so that its
 * packages are there.
 */
export async function carryOut(
  { service, watchdog, deploy, drill }: Steps,
  { home, run, onWait }: { home: Home; run: RunCommand; onWait: () => void },
): Promise<void> {
  if (service || watchdog) {
    const words = [...(watchdog ? ['--with-watchdog'] : []), ...(deploy ? ['--no-start'] : []), '--yes']
    await run('service:install', words)
  }
  if (deploy !== undefined) {
    if (deploy.makesTag) await run('deploy:tag', [deploy.ref])
    await run('deploy:run', [deploy.ref, '--skip-fetch', '--yes'])
    if (watchdog) await run('service:start', ['watchdog'])
  }
  if (!drill) return
  await waitUntilHealthy(home, onWait)
  await run('drill', ['crash', '--yes'])
}

/** Waits for the bot's first proof: a drill needs a bot that works. */
async function waitUntilHealthy({ clock, paths, asOwner }: Home, onWait: () => void): Promise<void> {
  const settings: Settings = asOwner(() => readFullConfig(paths.home, {})).settings
  const health = await waitForHealthy(clock, {
    ms: settings.BOT_START_TIMEOUT * 1000,
    longestAnswerMs: ASK_TIMEOUT_MS,
    ask: (timeoutMs) => askHealth(paths, settings, timeoutMs),
    onWait,
  })
  if (health.status === 'healthy' || health.status === 'degraded') return
  throw new CatalystError(
    `The bot is installed, and does not work: ${[health.status, ...health.reasons].join(': ')}.`,
    {
      code: 'SERVICE_NOT_RUNNING',
      exit: EXIT.failed,
      suggestions: ['See what it says: catalyst logs', 'Once it works: catalyst init'],
    },
  )
}

/**
 * Checks that the bot can be started as it is written in `.env`.
 * @throws CatalystError BOT_NOT_FOUND with what to type, such as for packages that are missing
 */
export async function checkStart(home: Home, files: BotFiles, isDeployed: boolean): Promise<void> {
  if (isDeployed) return // its release has its packages
  const config = home.asOwner(() => readFullConfig(home.paths.home, {}))
  const { faults } = await checkBot(home.clock, home.paths, config, undefined)
  const lines = installLines(files)
  if (faults.length === 0 && lines.length === 0) return
  throw new CatalystError(
    [...faults, ...(lines.length > 0 ? ["The bot's packages are not installed."] : []), '.env is written.'].join('\n'),
    {
      code: 'BOT_NOT_FOUND',
      exit: EXIT.failed,
      suggestions: [...lines.map((line) => `Install them: ${line}`), 'Then go on: catalyst init'],
    },
  )
}

/**
 * Refuses to start a bot that still runs under pm2: two of one answer twice, or shut each other out.
 * @throws CatalystError BOT_RUNNING
 */
export async function refuseUnderPm2({ pm2 }: Pick<ChosenBot, 'pm2'>): Promise<void> {
  const pid = Number(pm2?.pidFile === undefined ? undefined : readText(pm2.pidFile))
  if (pm2 === undefined || !(pid > 0) || (await identify(pid)) === undefined) return
  const name = quoteWord(pm2.name)
  throw new CatalystError(
    `${pm2.name} still runs under pm2 (pid ${pid}), so it is not started here. .env is written.`,
    {
      code: 'BOT_RUNNING',
      exit: EXIT.failed,
      suggestions: [`Take it out of pm2: pm2 delete ${name} && pm2 save`, 'Then go on: catalyst init'],
    },
  )
}
