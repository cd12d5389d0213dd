import { CatalystError } from '#core/errors.js'
import type { HomePaths } from '#core/state/home-paths.js'
import type { Clock } from '#core/system/clock.js'
import type { BotKeeper } from './bot-keeper.js'
import { openDeployHome } from './deploy-home.js'
import { whileLocked } from './deploy-lock.js'
import { isShipped } from './ending.js'
import { recover } from './recover.js'

/** What a watchdog does with a deployment that was cut off: it carries it to its end, with nobody to look on. */
export async function recoverUnattended(
  clock: Clock,
  paths: HomePaths,
  keeper: Pick<BotKeeper, 'kind' | 'restart'>,
  tell: (text: string) => void,
): Promise<void> {
  const environment = keeper.kind === 'service' ? {} : process.env
  const home = await openDeployHome(clock, paths, undefined, {
    ...keeper,
    environment,
    trouble: async () => undefined,
  })
  const hooks = {
    signal: new AbortController().signal,
    onStep: ({ text, state, ms }: { text: string; state: string; ms: number }) => {
      if (state !== 'begin') tell(`${text}: ${state} (${ms} ms)`)
    },
    onLine: () => {},
    onWait: () => {},
    onWarning: tell,
  }
  try {
    const ending = await whileLocked(home, home.owner, 'a recovery by the watchdog', () => recover(home, hooks))
    if (ending) tell(isShipped(ending) ? `${ending.release} is live` : `${ending.reason}. ${ending.standing}`)
  } catch (error) {
    if (!(error instanceof CatalystError && error.code === 'DEPLOY_BUSY')) throw error
  }
}
