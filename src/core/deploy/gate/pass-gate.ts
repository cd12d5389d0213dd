import { timings } from '#core/config/timings.js'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import { refuseStopped } from '#core/deploy/run/stopped.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { announcedIn } from '#core/health/announced/announced.js'
import { askHealth, type Health, isEndpointOn } from '#core/health/client.js'
import { sleep } from '#core/platform/clock.js'
import { isRunning } from '#core/platform/process/process-id.js'
import { errorOutput } from './error-output.js'
import { GateFailed, type GateObservation, type GateRules, type GateState, gateStep, type Proof } from './gate.js'
import type { UnexpectedExits } from './unexpected-exits.js'

const ASK_MS = 1000

const POLL_INTERVAL_MS = 100

/** The time in which a bot's last lines reach its log after its exit is in the journal. */
const LOGGED_MS = 300

/** The interval between two questions to the supervisor: each may cost a process. */
const SUPERVISOR_INTERVAL_MS = 1000

/** The options of {@link passGate}. */
export interface GateOptions extends Pick<GateRules, 'release' | 'tolerated' | 'proofBefore'> {
  /** The previous instance, which must not be the one that answers; null: any instance is fine. */
  readonly old: string | null
  readonly exits: UnexpectedExits
  /** The time at which the bot was restarted, a wall time in ms since 1970. */
  readonly since: number
  readonly signal: AbortSignal
  /** The time of the stop that was in force when the deployment began; null: none was. */
  readonly desiredStop: string | null
  readonly onWait: (health: Health) => void
}

/**
 * Waits until the bot has proven itself.
 * @throws GateFailed with the reason, CatalystError DEPLOY_CANCELLED
 */
export async function passGate(home: DeployHome, options: GateOptions): Promise<Proof> {
  const { clock, settings, supervisor } = home
  const { release, tolerated, proofBefore, exits, since, signal, onWait } = options
  const { startTimeoutMs, settleMs } = timings(settings)
  const rules = { release, startTimeoutMs, settleMs, tolerated, proofBefore }
  let state: GateState = { began: clock.monotonic(), upAt: undefined, goodAt: undefined }
  let askSupervisorAt = clock.monotonic() + SUPERVISOR_INTERVAL_MS
  let first: string | undefined
  for (;;) {
    if (signal.aborted)
      throw new CatalystError('The health check was cancelled.', {
        code: 'DEPLOY_CANCELLED',
        exit: EXIT.failed,
      })
    const { observation, health, instance } = await observe(home, options, first)
    if (instance !== undefined && !observation.isOld && !observation.isGone) first ??= instance
    let failure = home.asOwner(() => {
      refuseStopped(home, options)
      return exits.read()
    })
    if (failure === undefined && clock.monotonic() >= askSupervisorAt) {
      const fault = await supervisor.fault()
      failure = fault === undefined ? undefined : { words: fault, byItself: false }
      askSupervisorAt = clock.monotonic() + SUPERVISOR_INTERVAL_MS
    }
    const now = clock.monotonic()
    const step = gateStep(state, { ...observation, failure }, now, rules)
    if (step.outcome === 'failed') {
      await sleep(clock, LOGGED_MS)
      throw new GateFailed({ ...step, said: errorOutput(home, exits.since ?? since) })
    }
    if (step.outcome === 'passed') return step.proof
    state = step.state
    onWait(health)
    await sleep(clock, POLL_INTERVAL_MS, signal)
  }
}

/**
 * Observes the bot, with the current settings. Once another instance than the first one runs, the first one is gone:
 * the next one answers before the journal says so.
 */
async function observe(
  home: DeployHome,
  { old }: GateOptions,
  first: string | undefined,
): Promise<{ observation: Omit<GateObservation, 'failure'>; health: Health; instance: string | undefined }> {
  const { settings, bot } = home.asOwner(() => ({
    settings: home.readSettings(home.supervisor.environment),
    bot: home.lastBot(),
  }))
  const runs = bot !== undefined && (await isRunning(bot))
  const health = isEndpointOn(settings) ? await askHealth(home.paths, settings, ASK_MS) : byItsProcess(runs)
  const instance = bot?.instance
  const isOld = old !== null && instance === old
  const isGone = !runs || (first !== undefined && instance !== first)
  const { status, reasons, report } = health
  return {
    health,
    instance,
    observation: {
      isOld,
      isGone,
      release: bot?.release ?? null,
      status,
      isStartExtended: !isOld && announcedIn(report?.starting) !== undefined,
      reasons,
      proof: report?.proof,
    },
  }
}

/** Returns the health of a bot whose endpoint is switched off: only its process can be observed. */
function byItsProcess(runs: boolean): Health {
  return runs ? { status: 'healthy', reasons: [] } : { status: 'unreachable', reasons: ['no bot runs'] }
}
