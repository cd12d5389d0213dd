import { openDeployHome } from '#core/deploy/deploy-home.js'
import { prepare } from '#core/deploy/prepare.js'
import { lastGoodOf, ratingOf } from '#core/deploy/releases/ratings.js'
import { readRatings } from '#core/deploy/releases/ratings-file.js'
import { Releases } from '#core/deploy/releases/releases.js'
import { exitsSinceDeployment } from '#core/deploy/releases/runs.js'
import { alertAdmin } from '#core/deploy/run/admin-message.js'
import { noteLeftFor } from '#core/deploy/run/rate-deployment.js'
import { shippedSentence } from '#core/deploy/run/result.js'
import { unattendedHooks } from '#core/deploy/run/unattended-hooks.js'
import { ship } from '#core/deploy/ship.js'
import { CatalystError, type ErrorCode, messageOf } from '#core/errors.js'
import { isCommit } from '#core/home/active-release.js'
import type { HomePaths } from '#core/home/home-paths.js'
import type { Clock } from '#core/platform/clock.js'
import type { Supervisor } from '#core/supervisor/supervisor.js'
import type { Failing, TakenBack } from '#core/watchdog/bakes.js'
import { isOutsideUp } from '#core/watchdog/observe.js'
import { bakeDecision, bakesUntil } from './bake.js'

/** The errors of a home that somebody else is changing. */
const BUSY: readonly ErrorCode[] = ['DEPLOY_BUSY', 'DEPLOY_CUT_OFF']

/** The options of {@link takeBackUnattended}. */
interface TakeBackOptions extends Failing {
  readonly supervisor: Supervisor
  readonly signal: AbortSignal
  readonly tell: (text: string) => void
}

/**
 * Takes a release back that fails while it bakes, for a watchdog, with nobody at a terminal: a rollback to the last good
 * version, with its settings and today's data. The admin is alerted before and after.
 */
export async function takeBackUnattended(clock: Clock, paths: HomePaths, options: TakeBackOptions): Promise<TakenBack> {
  const { release, why, isByExits, outsideDownAt, supervisor, signal, tell } = options
  const home = await openDeployHome(clock, paths, undefined, supervisor)
  const active = home.activePointer()
  if (active?.name !== release) return 'not due'
  const ratings = readRatings(home)
  const rated = ratingOf(ratings, active.commit)
  const [now, hours] = [clock.now(), home.settings.DEPLOY_BAKE_HOURS]
  const bakes = bakesUntil(rated, hours, now) !== undefined
  const commits = ratings.filter(({ commit }) => isCommit(commit))
  const earlier = lastGoodOf(commits, active.commit, new Releases(home).list())
  const decision = bakeDecision({
    bakes,
    ownExits: isByExits ? exitsSinceDeployment(home.newestEntries(), release, outsideDownAt) : undefined,
    isOutsideUp: bakes && (await isOutsideUp(home.config)),
    wasOutsideDown: outsideDownAt !== undefined,
    hasEarlier: earlier !== undefined,
  })
  if (decision === 'not due' || decision === 'later' || decision === 'outside down') return decision
  const alert = (title: string, lines: readonly string[]) =>
    alertAdmin(
      home,
      {
        id: `bake-${release}`,
        title,
        description: lines.join('\n'),
        isGood: false,
        lookFurther: 'catalyst deploy info\ncatalyst history --kind deploy',
      },
      tell,
    )
  if (earlier === undefined) {
    tell(`${release} fails while it bakes (${why}), and there is no earlier good version to go back to`)
    await alert(`${release} fails, and needs attention`, [`${why}.`, 'There is no earlier good version to go back to.'])
    return 'done'
  }
  try {
    const { plan } = await prepare(home, earlier, { what: 'rollback', force: false, settings: 'snapshot' })
    home.journal.append('deploy.bake', { release, why, to: plan.target.name })
    tell(`${release} fails while it bakes: ${why}. It is taken back to ${plan.target.name}`)
    await alert(`${release} is taken back`, [`${why}.`, `The watchdog rolls back to ${plan.target.name}, once.`])
    const shipped = await ship(home, plan, unattendedHooks(tell, signal))
    noteLeftFor(home, active, 'failed')
    tell(shippedSentence(shipped))
    return 'done'
  } catch (error) {
    // one that was interrupted is recovered first, by the watchdog itself
    if (error instanceof CatalystError && BUSY.includes(error.code)) return 'later'
    tell(messageOf(error))
    // the outcome of one that had begun has an alert of its own
    if (!(error instanceof CatalystError && 'outcome' in error.details))
      await alert(`${release} could not be taken back, and needs attention`, [`${why}.`, messageOf(error)])
    return 'done'
  }
}
