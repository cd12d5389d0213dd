import { whyNoBot } from '#core/bot/built-in.js'
import { listenForStop } from '#core/bot/stop-request.js'
import { EXIT } from '#core/errors.js'
import { activeRelease } from '#core/home/active-release.js'
import { refuseForeignState } from '#core/home/foreign-state.js'
import type { Clock } from '#core/platform/clock.js'
import { exists } from '#core/platform/fs/files.js'
import { useProxiesOf } from '#core/platform/net/proxy.js'
import { tell } from '#core/platform/process/stderr.js'
import { ownerOf } from '#core/platform/process/users.js'
import { openRun } from './open-run.js'
import type { Run, RunBotOptions } from './run.js'
import { runJournaled } from './run-journaled.js'

/**
 * Runs this home's bot until it exits or is asked to stop. Returns the process's exit code.
 * @throws CatalystError when it can't be started; by then everything is closed again
 */
export async function runBot(clock: Clock, options: RunBotOptions): Promise<number> {
  const { paths, config } = options
  const unnamed = whyNoBot(config, paths)
  if (unnamed) throw unnamed
  useProxiesOf(config.environment)
  // what points at a release decides what is run
  if (exists(paths.activeRelease))
    for (const warning of await refuseForeignState({ paths, owner: ownerOf(paths.home) })) tell(`Warning: ${warning}.`)
  const release = activeRelease(paths)
  const closing: (() => unknown)[] = []
  let run: Run | undefined
  // before the home is claimed: an early stop then leaves nothing locked
  const stopRequest = listenForStop((by) => run?.log.info(`asked to stop again (${by}): already stopping`))
  closing.push(stopRequest.stopListening)
  try {
    run = await openRun(clock, options, { release, stopRequest, closing })
    const { kind, makesRoom, exit } = await runJournaled(run)
    return kind === 'bot.stop' && !makesRoom ? EXIT.done : exit // what was asked for is no failure
  } finally {
    for (const close of closing.reverse()) await close()
  }
}
