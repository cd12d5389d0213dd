import type { Settings } from '#core/config/schema.js'
import { NOT_RETRIED } from '#core/errors.js'
import type { Status } from '#core/health/status.js'
import type { ServiceState } from '#core/service/manager.js'
import { type Incident, isOpen, openIncident, takesEnd, type Why } from './incident.js'

/** How long the watchdog waits and how often it may act. Times are in milliseconds. */
export interface Rules {
  readonly intervalMs: number
  readonly thresholdMs: number
  readonly startTimeoutMs: number
  readonly restartDelayMs: number
  /** Rescues in any {@link WINDOW_MS}. */
  readonly maxRescues: number
  /** Whether a frozen bot is restarted; otherwise it is only told of. */
  readonly restarts: boolean
}

/** The rules that the settings give. */
export function rulesOf(settings: Settings): Rules {
  return {
    intervalMs: settings.WATCHDOG_CHECK_INTERVAL * 1000,
    thresholdMs: settings.WATCHDOG_FREEZE_THRESHOLD * 1000,
    startTimeoutMs: settings.BOT_START_TIMEOUT * 1000,
    restartDelayMs: settings.SERVICE_RESTART_DELAY * 1000,
    maxRescues: settings.WATCHDOG_MAX_RESTARTS,
    restarts: settings.WATCHDOG_RESTART_ON_FREEZE,
  }
}

/** What one look at the bot found. */
export interface Reading {
  /** The bot's own answer; undefined for silence. */
  readonly status: Status | undefined
  /** Its process, by the word of its keeper: its service manager, or the watchdog itself. */
  readonly process: ServiceState
  /** The exit code of a process that has failed, if that is known. */
  readonly exit: number | null
  /** Somebody stopped it on purpose. */
  readonly stoppedOnPurpose: boolean
  /** A deployment that is alive has it in hand. */
  readonly deploying: boolean
  /** Whether anything outside can be reached; true where nothing outside is known. */
  readonly online: boolean
  /** Whether it takes more memory than it may. */
  readonly overMemory: boolean
}

/** `wall` is wall time, in ms since 1970. */
export type Event =
  /** A look that has just ended; it took so many milliseconds. */
  | { readonly kind: 'reading'; readonly reading: Reading; readonly wall: number; readonly tookMs: number }
  /** It ended without being asked to. `isHeld` as in {@link State}, when it ended; undefined: as the last look saw it. */
  | {
      readonly kind: 'ended'
      readonly exit: number | null
      readonly wall: number
      readonly isHeld?: boolean | undefined
    }
  /** The evidence is gathered; the restart comes next. */
  | { readonly kind: 'restarting' }
  | { readonly kind: 'rescued'; readonly worked: boolean; readonly wall: number }

export type Effect =
  /** Makes the incident's message, or edits it. */
  | { readonly do: 'tell'; readonly incident: Incident }
  /** Evidence, then restart or start, then a wait of up to `startTimeoutMs` for a healthy answer. */
  | { readonly do: 'rescue'; readonly incident: Incident }
  | { readonly do: 'look'; readonly inMs: number }

/** What the policy remembers between events. Times are monotonic, in milliseconds, where nothing else is said. */
export interface State {
  /** The last moment at which nothing was wrong. */
  readonly goodAt: number
  /** The first of the unhealthy answers in a row. */
  readonly unhealthyAt: number | undefined
  /** Since when it has failed, with nobody to start it. */
  readonly downAt: number | undefined
  readonly overMemoryAt: number | undefined
  /** Silence is not held against it until then. */
  readonly patientUntil: number
  /** Nor is it that no cycle ended, since the machine slept. */
  readonly drowsyUntil: number
  /** It is none of our business at the moment: stopped on purpose, or in the hands of a deployment. */
  readonly isHeld: boolean
  readonly isRescuing: boolean
  /** When rescues began, oldest first; those of the last {@link WINDOW_MS} count. */
  readonly rescues: readonly number[]
  /** The last incident, also after its recovery: another end may reopen it. */
  readonly incident: Incident | undefined
  /** When the next look is due, on both clocks. */
  readonly due: { readonly now: number; readonly wall: number } | undefined
}

export interface Step {
  readonly state: State
  readonly effects: readonly Effect[]
}

export const WINDOW_MS = 60 * 60_000
/** Two unhealthy answers this far apart are one too many. */
export const CONFIRM_MS = 10_000
const MEMORY_MS = 60_000
/** No look waits for anything longer than this. */
const LONGEST_LOOK_MS = 30_000
/** A look may come this late without a reason: the watch sees only so often whether one is due. */
const TICK_MS = 1000
/** A look that comes this many intervals late tells of a machine that slept. */
const LATE_INTERVALS = 2

/** A watchdog that begins knows nothing yet, but for what it kept from before: then its bot may be in the middle of a start. */
export function initialState(
  now: number,
  rules: Rules,
  kept: Partial<Pick<State, 'rescues' | 'incident'>> = {},
): State {
  return {
    goodAt: now,
    unhealthyAt: undefined,
    downAt: undefined,
    overMemoryAt: undefined,
    patientUntil: now + rules.startTimeoutMs,
    drowsyUntil: now,
    isHeld: false,
    isRescuing: false,
    rescues: [],
    incident: undefined,
    due: undefined,
    ...kept,
  }
}

/** What the watchdog does next. `now` is monotonic, in milliseconds. It touches nothing, and every decision is made here. */
export function step(state: State, event: Event, now: number, rules: Rules): Step {
  switch (event.kind) {
    case 'reading':
      return state.isRescuing ? only(state) : onReading(state, event, now, rules)
    case 'ended':
      if (state.isRescuing || (event.isHeld ?? state.isHeld)) return only(state)
      return lookIn(soonMs(rules), onEnd(state, event.exit, event.wall, now), event.wall, now)
    case 'restarting':
      return state.isRescuing && state.incident ? tell(state, { ...state.incident, state: 'restarting' }) : only(state)
    case 'rescued':
      return onRescued(state, event.worked, event.wall, now, rules)
  }
}

/** Rescues that are left in the window that ends now. */
export function rescuesLeft({ rescues }: Pick<State, 'rescues'>, now: number, { maxRescues }: Rules): number {
  return Math.max(0, maxRescues - rescuesInWindow(rescues, now).length)
}

/** The rescues of the window that ends now. Their times and `now` are of the same clock, whichever that is. */
export function rescuesInWindow(rescues: readonly number[], now: number): number[] {
  return rescues.filter((at) => now - at < WINDOW_MS)
}

function only(state: State, ...effects: Effect[]): Step {
  return { state, effects }
}

function tell(state: State, incident: Incident): Step {
  return only({ ...state, incident }, { do: 'tell', incident })
}

/** Begins all counts anew: nothing is wrong at this moment. */
function afresh(state: State, now: number): State {
  return { ...state, goodAt: now, unhealthyAt: undefined, downAt: undefined, overMemoryAt: undefined }
}

function patient(state: State, now: number, { startTimeoutMs }: Rules): State {
  return { ...afresh(state, now), patientUntil: now + startTimeoutMs }
}

type Looked = Extract<Event, { kind: 'reading' }>

function onReading(before: State, looked: Looked, now: number, rules: Rules): Step {
  const { reading, wall } = looked
  const awake = sleptSince(before, looked, now, rules) ? woken(before, looked, now, rules) : before
  const { state, effects } = judge(awake, reading, wall, now, rules)
  if (state.isRescuing) return { state: { ...state, due: undefined }, effects }
  return lookIn(nextLook(state, now, rules), { state, effects }, wall, now)
}

function lookIn(inMs: number, { state, effects }: Step, wall: number, now: number): Step {
  return {
    state: { ...state, due: { now: now + inMs, wall: wall + inMs } },
    effects: [...effects, { do: 'look', inMs }],
  }
}

/**
 * Where the monotonic clock goes on in a sleep, so does the time since the bot's last cycle: of one that slept through the
 * threshold it tells nothing until the bot has had its time.
 */
function woken(before: State, { tookMs }: Looked, now: number, rules: Rules): State {
  const state = patient(before, now, rules)
  const sleptMs = now - (before.due?.now ?? now - tookMs)
  return sleptMs < rules.thresholdMs ? state : { ...state, drowsyUntil: state.patientUntil }
}

/** A machine that slept, or a clock that jumped. Linux's monotonic clock stands still in suspend, so both are looked at. */
function sleptSince({ due }: State, { wall, tookMs }: Looked, now: number, { intervalMs }: Rules): boolean {
  if (tookMs > LONGEST_LOOK_MS) return true
  if (due === undefined) return false
  return Math.max(now - tookMs - due.now, Math.abs(wall - tookMs - due.wall)) > LATE_INTERVALS * intervalMs + TICK_MS
}

/** The interval, unless something becomes sure before, or an incident goes on that may be over any moment. */
function nextLook({ unhealthyAt, goodAt, incident }: State, now: number, rules: Rules): number {
  const { intervalMs, thresholdMs } = rules
  const sureAt = unhealthyAt === undefined ? goodAt + thresholdMs : unhealthyAt + confirmMs(thresholdMs)
  const atMost = isOpen(incident) && incident.state !== 'needs you' ? soonMs(rules) : intervalMs
  return sureAt > now ? Math.min(atMost, sureAt - now) : atMost
}

function soonMs({ intervalMs }: Rules): number {
  return Math.min(intervalMs, CONFIRM_MS)
}

function confirmMs(thresholdMs: number): number {
  return Math.min(CONFIRM_MS, thresholdMs)
}

function judge(state: State, reading: Reading, wall: number, now: number, rules: Rules): Step {
  if (isHeld(reading)) return only({ ...afresh(state, now), isHeld: true })
  if (state.isHeld) return judge({ ...patient(state, now, rules), isHeld: false }, reading, wall, now, rules)
  switch (reading.status) {
    case 'healthy':
    case 'degraded':
      return onWell({ ...state, patientUntil: now, drowsyUntil: now }, reading, wall, now, rules)
    case 'starting':
      return only(afresh(state, now))
    case 'unhealthy':
      return onUnhealthy(state, reading, wall, now, rules)
    default:
      return onSilence(state, reading, wall, now, rules)
  }
}

/** A bot that works has had its time to start, or to wake up. */
function onWell(state: State, { overMemory }: Reading, wall: number, now: number, rules: Rules): Step {
  return overMemory ? onMemory(state, wall, now, rules) : recovered(afresh(state, now), wall)
}

/** Not the watchdog's business: stopped on purpose, by whatever means, or in the hands of a deployment. */
function isHeld({ stoppedOnPurpose, deploying, process, status }: Reading): boolean {
  return stoppedOnPurpose || deploying || (status === undefined && process === 'stopped')
}

function recovered(state: State, wall: number): Step {
  const { incident } = state
  return isOpen(incident) ? tell(state, { ...incident, state: 'recovered', recoveredAt: wall }) : only(state)
}

function onUnhealthy(before: State, { online }: Reading, wall: number, now: number, rules: Rules): Step {
  const state = { ...before, goodAt: now, downAt: undefined } // it answers, after all
  // a restart brings no network back, and no sleep
  if (!online || now < state.drowsyUntil) return only({ ...state, unhealthyAt: undefined })
  if (state.unhealthyAt === undefined) return only({ ...state, unhealthyAt: now })
  return now - state.unhealthyAt < confirmMs(rules.thresholdMs)
    ? only(state)
    : rescue(state, 'hangs', null, wall, now, rules)
}

function onMemory(before: State, wall: number, now: number, rules: Rules): Step {
  const since = before.overMemoryAt ?? now
  const state = { ...afresh(before, now), overMemoryAt: since }
  return now - since < MEMORY_MS ? only(state) : rescue(state, 'memory', null, wall, now, rules)
}

function onSilence(before: State, reading: Reading, wall: number, now: number, rules: Rules): Step {
  const { process, exit } = reading
  if (process === 'failed') {
    const state = { ...before, downAt: before.downAt ?? now }
    if (isHopeless(exit)) return needsYou(state, 'settings', exit, wall, now)
    const isDown = now - (state.downAt as number) >= rules.restartDelayMs
    return isDown ? rescue(state, 'down', exit, wall, now, rules) : only(state)
  }
  if (process === 'restarting') return only({ ...before, downAt: undefined, goodAt: now }) // its keeper is about to start it
  const state = { ...before, downAt: undefined }
  const isSilent = now - state.goodAt >= rules.thresholdMs && now >= state.patientUntil
  return isSilent ? rescue(state, 'silent', null, wall, now, rules) : only(state)
}

function isHopeless(exit: number | null): boolean {
  return exit !== null && NOT_RETRIED.includes(exit)
}

function onEnd(state: State, exit: number | null, wall: number, now: number): Step {
  if (isHopeless(exit)) return needsYou(state, 'settings', exit, wall, now)
  const { incident } = state
  const known = takesEnd(incident, wall) ? incident : openIncident('ended', wall)
  const ended: Incident = { ...known, state: 'detected', ends: known.ends + 1, exit, recoveredAt: undefined }
  return tell({ ...state, goodAt: now, unhealthyAt: undefined }, ended)
}

/** Acts, if the budget and the settings allow it; else a person has to. */
function rescue(state: State, why: Why, exit: number | null, wall: number, now: number, rules: Rules): Step {
  const mayAct = why === 'down' || why === 'memory' || rules.restarts
  if (!mayAct || rescuesLeft(state, now, rules) === 0) return needsYou(state, why, exit, wall, now)
  const known = outage(state, why, exit, wall, now)
  const incident: Incident = { ...known, state: 'detected', rescues: known.rescues + 1 }
  const rescues = [...rescuesInWindow(state.rescues, now), now]
  const begun = { ...state, incident, rescues, isRescuing: true }
  return only(begun, { do: 'tell', incident }, { do: 'rescue', incident })
}

/** Said once an incident. */
function needsYou(state: State, why: Why, exit: number | null, wall: number, now: number): Step {
  const known = outage(state, why, exit, wall, now)
  if (known.state === 'needs you' && known.why === state.incident?.why) return only(state)
  return tell(state, { ...known, state: 'needs you' })
}

/** Until the bot was healthy in between, it is one and the same outage, whatever comes to light. */
function outage(state: State, why: Why, exit: number | null, wall: number, now: number): Incident {
  const { incident } = state
  if (isOpen(incident)) return { ...incident, why, exit: exit ?? incident.exit }
  return openIncident(why, wall, exit, wall - (now - lastSign(state, why, now)))
}

/** When the bot last gave a sign of life, on the monotonic clock. */
function lastSign({ goodAt, unhealthyAt, downAt, overMemoryAt }: State, why: Why, now: number): number {
  const signs: Partial<Record<Why, number | undefined>> = {
    hangs: unhealthyAt,
    silent: goodAt,
    down: downAt,
    memory: overMemoryAt,
  }
  return signs[why] ?? now
}

function onRescued(before: State, worked: boolean, wall: number, now: number, rules: Rules): Step {
  if (!before.isRescuing) return only(before)
  const free = { ...before, isRescuing: false, unhealthyAt: undefined, downAt: undefined, overMemoryAt: undefined }
  const look: Effect = { do: 'look', inMs: worked ? rules.intervalMs : 0 }
  if (!worked) return only(free, look) // what is still wrong is seen at once
  const { state, effects } = recovered(afresh(free, now), wall)
  return only(state, ...effects, look)
}
