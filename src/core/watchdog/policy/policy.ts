import { NOT_RETRIED } from '#core/errors.js'
import { waitStep } from '#core/health/announced/safe-moment.js'
import {
  type Attention,
  type Incident,
  isOfAnotherRelease,
  isOpen,
  type Memory,
  openIncident,
  takesExit,
  type Why,
} from '#core/incidents/incident.js'
import { restartsInWindow, restartsLeft, WINDOW_MS } from './restart-budget.js'
import type { Rules } from './rules.js'
import type { Effect, Event, Observation, State, Step } from './state.js'

/** The time between two unhealthy answers after which the bot is restarted. */
export const CONFIRM_MS = 10_000
const MEMORY_MS = 60_000
/** The longest time that an observation takes. */
const LONGEST_OBSERVATION_MS = 30_000
/** The interval at which the loop reads the journal, and checks whether an observation is due: it may be late by that. */
export const TICK_MS = 1000
/** The number of intervals by which an observation is late where the machine slept. */
const LATE_INTERVALS = 2

/**
 * Returns what the watchdog does next. `now` is monotonic, in milliseconds. It has no side effects, and every decision
 * is made here.
 */
export function step(state: State, event: Event, now: number, rules: Rules): Step {
  switch (event.kind) {
    case 'observation':
      return state.isRestarting ? only(state) : onObservation(asRelease(state, event), event, now, rules)
    case 'exited':
      if (state.isRestarting || (event.isHeld ?? state.isHeld)) return only(state)
      return observeIn(soonMs(rules), onExit(asRelease(state, event), event, now, rules), event.wall, now)
    case 'restarting':
      return state.isRestarting && state.incident
        ? alert(state, { ...state.incident, state: 'restarting' })
        : only(state)
    case 'restarted':
      return onRestarted(state, event, now, rules)
  }
}

function asRelease(state: State, { release }: Pick<State, 'release'>): State {
  return release === undefined ? state : { ...state, release }
}

function only(state: State, ...effects: Effect[]): Step {
  return { state, effects }
}

function alert(state: State, incident: Incident): Step {
  return only({ ...state, incident }, { do: 'alert', incident })
}

/** Returns the state with all counts begun anew: nothing is wrong at this moment. */
function withoutCounts(state: State, now: number): State {
  const none = { unhealthyAt: undefined, downAt: undefined, restartingAt: undefined, overMemoryAt: undefined }
  return { ...state, goodAt: now, ...none, memoryWait: undefined }
}

/** Returns the state with a grace period that begins now. */
function withGracePeriod(state: State, now: number, { startTimeoutMs }: Rules): State {
  return { ...withoutCounts(state, now), graceUntil: now + startTimeoutMs }
}

type Observed = Extract<Event, { kind: 'observation' }>

function onObservation(before: State, observed: Observed, now: number, rules: Rules): Step {
  const { observation, wall } = observed
  const awake = hasSlept(before, observed, now, rules) ? afterSleep(before, observed, now, rules) : before
  const { state, effects } = decide(awake, observation, wall, now, rules)
  if (state.isRestarting) return { state: { ...state, due: undefined }, effects }
  return observeIn(nextObservationMs(state, now, rules), { state, effects }, wall, now)
}

function observeIn(inMs: number, { state, effects }: Step, wall: number, now: number): Step {
  return {
    state: { ...state, due: { now: now + inMs, wall: wall + inMs } },
    effects: [...effects, { do: 'observe', inMs }],
  }
}

/**
 * Returns the state after a sleep. Where the monotonic clock goes on in a sleep, so does the time since the bot's last
 * cycle: after a sleep longer than the threshold it means nothing until the grace period is over.
 */
function afterSleep(before: State, { tookMs }: Observed, now: number, rules: Rules): State {
  const state = withGracePeriod(before, now, rules)
  const sleptMs = now - (before.due?.now ?? now - tookMs)
  return sleptMs < rules.freezeThresholdMs ? state : { ...state, resumeGraceUntil: state.graceUntil }
}

/**
 * Returns whether the machine slept, or a clock jumped. Linux's monotonic clock stands still in suspend, so both clocks
 * count.
 */
function hasSlept({ due }: State, { wall, tookMs }: Observed, now: number, { checkIntervalMs }: Rules): boolean {
  if (tookMs > LONGEST_OBSERVATION_MS) return true
  if (due === undefined) return false
  return (
    Math.max(now - tookMs - due.now, Math.abs(wall - tookMs - due.wall)) > LATE_INTERVALS * checkIntervalMs + TICK_MS
  )
}

/**
 * Returns the time until the next observation: the interval, unless something becomes certain before, or an open
 * incident may be over any moment.
 */
function nextObservationMs(state: State, now: number, rules: Rules): number {
  const { unhealthyAt, restartingAt, goodAt, incident, memoryWait } = state
  const { checkIntervalMs, freezeThresholdMs } = rules
  const sureAt = unhealthyAt === undefined ? goodAt + freezeThresholdMs : unhealthyAt + confirmMs(freezeThresholdMs)
  const isAwaited = restartingAt !== undefined || memoryWait !== undefined
  const isUnderWay = isOpen(incident) ? incident.state !== 'needs_attention' : isAwaited
  const atMost = isUnderWay ? soonMs(rules) : checkIntervalMs
  return sureAt > now ? Math.min(atMost, sureAt - now) : atMost
}

function soonMs({ checkIntervalMs }: Rules): number {
  return Math.min(checkIntervalMs, CONFIRM_MS)
}

function confirmMs(freezeThresholdMs: number): number {
  return Math.min(CONFIRM_MS, freezeThresholdMs)
}

function decide(state: State, observation: Observation, wall: number, now: number, rules: Rules): Step {
  if (isHeld(observation)) return only({ ...withoutCounts(state, now), isHeld: true })
  if (state.isHeld)
    return decide({ ...withGracePeriod(state, now, rules), isHeld: false }, observation, wall, now, rules)
  switch (observation.status) {
    case 'healthy':
    case 'degraded':
      return onWell(
        { ...state, graceUntil: now, extendedUntil: now, resumeGraceUntil: now },
        observation,
        wall,
        now,
        rules,
      )
    case 'starting':
      return only({ ...withoutCounts(state, now), extendedUntil: now + (observation.startExtensionMs ?? 0) })
    case 'unhealthy':
      return onUnhealthy(state, observation, wall, now, rules)
    default:
      return onSilence(state, observation, wall, now, rules)
  }
}

/** Handles a bot that works: every grace period is over. */
function onWell(state: State, observation: Observation, wall: number, now: number, rules: Rules): Step {
  const { overMemory, signs = [] } = observation
  if (overMemory) return onMemory(state, observation, wall, now, rules)
  const well = withoutCounts(state, now)
  return signs.length > 0 ? onSigns(well, signs, wall, now, rules) : recovered(well, wall)
}

/** Alerts about a bot that seems to be deaf, once: a sign is no proof, so it is not restarted for it. */
function onSigns(state: State, signs: readonly string[], wall: number, now: number, { maxRestarts }: Rules): Step {
  const incident = { ...incidentOf(state, 'deaf', null, wall, now), signs }
  return needsAttention(state, incident, { why: 'not_proof', limit: maxRestarts })
}

/**
 * Returns whether the watchdog must leave the bot alone: it was stopped on purpose, by any means, a deployment is under
 * way, or the watchdog is paused.
 */
function isHeld({ stoppedOnPurpose, deploying, paused, process, status }: Observation): boolean {
  return stoppedOnPurpose || deploying || paused || (status === undefined && process === 'stopped')
}

function recovered(state: State, wall: number): Step {
  const { incident } = state
  return isOpen(incident) ? alert(state, { ...incident, state: 'recovered', recoveredAt: wall }) : only(state)
}

function onUnhealthy(before: State, { online }: Observation, wall: number, now: number, rules: Rules): Step {
  const state = { ...before, goodAt: now, downAt: undefined, restartingAt: undefined } // it answers, after all
  // a restart brings no network back, and no sleep
  if (!online || now < state.resumeGraceUntil) return only({ ...state, unhealthyAt: undefined })
  if (state.unhealthyAt === undefined) return only({ ...state, unhealthyAt: now })
  return now - state.unhealthyAt < confirmMs(rules.freezeThresholdMs)
    ? only(state)
    : restart(state, 'hangs', null, wall, now, rules)
}

/** Handles a bot that takes too much memory. Its restart waits while the bot is busy. */
function onMemory(before: State, { memory, busy }: Observation, wall: number, now: number, rules: Rules): Step {
  const since = before.overMemoryAt ?? now
  const state = { ...withoutCounts(before, now), overMemoryAt: since }
  if (now - since < MEMORY_MS) return only(state)
  const memoryWait = waitStep(before.memoryWait, busy ? { busy } : 'idle', now, rules.busyMaxMs)
  if (memoryWait !== undefined) return only({ ...state, memoryWait })
  return restart(state, 'memory', null, wall, now, rules, memory)
}

function onSilence(before: State, observation: Observation, wall: number, now: number, rules: Rules): Step {
  const { process, exit } = observation
  if (process === 'failed') {
    const state = { ...before, downAt: before.downAt ?? now }
    if (isNonRetryable(exit))
      return needsAttention(state, incidentOf(state, 'settings', exit, wall, now), attentionNotRetried(rules))
    const isDown = now - (state.downAt as number) >= rules.restartDelayMs
    return isDown ? restart(state, 'down', exit, wall, now, rules) : only(state)
  }
  if (process === 'restarting') return onRestarting(before, exit, wall, now)
  const state = { ...before, downAt: undefined }
  const isSilent =
    now - state.goodAt >= rules.freezeThresholdMs && now >= Math.max(state.graceUntil, state.extendedUntil)
  return isSilent ? restart(state, 'silent', null, wall, now, rules) : only(state)
}

/**
 * Handles a bot that its supervisor is about to start, which is left to the supervisor. An exit that nobody could write
 * down, as on a full disk, shows by this alone: the supervisor still reports it at the next observation.
 */
function onRestarting(before: State, exit: number | null, wall: number, now: number): Step {
  const since = before.restartingAt ?? now
  const state = { ...before, downAt: undefined, goodAt: now, restartingAt: since }
  if (isOpen(state.incident) || now - since < CONFIRM_MS) return only(state)
  return alert(state, newIncident(state, 'ended', wall, exit, wall - (now - since)))
}

function isNonRetryable(exit: number | null): boolean {
  return exit !== null && NOT_RETRIED.includes(exit)
}

function newIncident({ release }: State, ...how: Parameters<typeof openIncident>): Incident {
  return { ...openIncident(...how), release }
}

type Exited = Extract<Event, { kind: 'exited' }>

/** Handles an exit. The incident of another version was over when this one was started in its place. */
function onExit(before: State, event: Exited, now: number, rules: Rules): Step {
  const { incident } = before
  if (!isOpen(incident) || !isOfAnotherRelease(incident, before.release)) return onExitOf(before, event, now, rules)
  const closed = recovered(before, event.wall)
  const { state, effects } = onExitOf(closed.state, event, now, rules)
  return only(state, ...closed.effects, ...effects)
}

function onExitOf(before: State, { exit, wall, error }: Exited, now: number, rules: Rules): Step {
  const state = { ...before, extendedUntil: now } // what it has announced ends with it
  if (isNonRetryable(exit))
    return needsAttention(state, incidentOf(state, 'settings', exit, wall, now), attentionNotRetried(rules))
  const { incident } = state
  const known = takesExit(incident, wall, state.release) ? incident : newIncident(state, 'ended', wall)
  // another exit changes nothing about an incident that needs attention; new settings are another try, and a bot that
  // seemed to be deaf has not been restarted in vain
  const stays = known.state === 'needs_attention' && known.why !== 'settings' && known.why !== 'deaf'
  const change: Partial<Incident> = stays ? {} : { why: 'ended', state: 'detected', attention: undefined }
  const ended: Incident = { ...known, ...change, ends: known.ends + 1, exit, error, recoveredAt: undefined }
  return alert({ ...state, goodAt: now, unhealthyAt: undefined }, ended)
}

/** Restarts the bot if the restart budget and the settings allow it; else the incident needs attention. */
function restart(
  state: State,
  why: Why,
  exit: number | null,
  wall: number,
  now: number,
  rules: Rules,
  memory?: Memory,
): Step {
  const found = incidentOf(state, why, exit, wall, now)
  const known = memory === undefined ? found : { ...found, memory }
  const isAllowed = why === 'down' || why === 'memory' || rules.restarts
  if (!isAllowed) return needsAttention(state, known, { why: 'restarts_switched_off', limit: rules.maxRestarts })
  if (restartsLeft(state, now, rules) === 0)
    return needsAttention(state, known, attentionUsedUp(state, wall, now, rules))
  const incident: Incident = {
    ...known,
    state: 'detected',
    restartsBegun: known.restartsBegun + 1,
    attention: undefined,
  }
  const restarts = [...restartsInWindow(state.restarts, now), now]
  const begun = { ...state, incident, restarts, isRestarting: true }
  return only(begun, { do: 'alert', incident }, { do: 'restart', incident })
}

/** Sends the alert that the incident needs attention, once per incident and reason. */
function needsAttention(state: State, known: Incident, attention: Attention): Step {
  const { incident } = state
  const isKnown = incident?.why === known.why && incident.attention?.why === attention.why
  if (known.state === 'needs_attention' && isKnown) return only(state)
  return alert(state, { ...known, state: 'needs_attention', attention })
}

function attentionNotRetried({ maxRestarts }: Rules): Attention {
  return { why: 'not_retried', limit: maxRestarts }
}

/**
 * Returns the attention for a used-up budget. The next restart is possible once one less than the limit is left in the
 * window.
 */
function attentionUsedUp(state: State, wall: number, now: number, { maxRestarts: limit }: Rules): Attention {
  const oldest = restartsInWindow(state.restarts, now).at(-limit)
  const nextRestartAt = limit === 0 || oldest === undefined ? undefined : wall + (oldest + WINDOW_MS - now)
  return { why: 'restarts_used_up', limit, nextRestartAt }
}

/**
 * Returns the incident for this cause. Until the bot was healthy in between, it is the same incident, whatever its
 * cause.
 */
function incidentOf(state: State, why: Why, exit: number | null, wall: number, now: number): Incident {
  const { incident } = state
  if (isOpen(incident)) return { ...incident, why, exit: exit ?? incident.exit }
  return newIncident(state, why, wall, exit, wall - (now - lastSignOfLife(state, why, now)))
}

/** Returns when the bot last gave a sign of life, on the monotonic clock. */
function lastSignOfLife({ goodAt, unhealthyAt, downAt, overMemoryAt }: State, why: Why, now: number): number {
  const signs: Partial<Record<Why, number | undefined>> = {
    hangs: unhealthyAt,
    silent: goodAt,
    down: downAt,
    memory: overMemoryAt,
  }
  return signs[why] ?? now
}

function onRestarted(
  before: State,
  { worked, isRestarted = worked, wall }: Extract<Event, { kind: 'restarted' }>,
  now: number,
  rules: Rules,
): Step {
  if (!before.isRestarting) return only(before)
  const free = { ...before, isRestarting: false, unhealthyAt: undefined, downAt: undefined, overMemoryAt: undefined }
  const { incident: known } = before
  const incident =
    known && isRestarted ? { ...known, restarts: (known.restarts ?? known.restartsBegun - 1) + 1 } : known
  const observe: Effect = { do: 'observe', inMs: worked ? rules.checkIntervalMs : 0 }
  if (!worked) return only({ ...free, incident }, observe) // what is still wrong is observed at once
  const { state, effects } = recovered(withoutCounts({ ...free, incident }, now), wall)
  return only(state, ...effects, observe)
}
