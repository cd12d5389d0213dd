import { messageOf } from '#core/errors.js'
import { type Answer, ask, type Question } from '#core/platform/net/http.js'
import { oneLine, printable } from '#core/printable.js'

const REQUEST_MS = 10_000
/** The body that Healthchecks keeps of a ping: its own limit, unless whoever runs it has set another one. */
const LONGEST_BODY_BYTES = 10_000
/** The longest message in a list: Uptime Kuma shows it in one line. */
const LONGEST_MESSAGE = 200
/** The heartbeats that may wait: a monitor that gives no answer must not gather them for hours. */
const MOST_WAITING = 20

/** What an outside monitor is told of the bot. `run` names the run of the bot, a UUID, where that is known. */
export type Beat =
  /** The bot works; `message` is its health in one line, `tookMs` the time that the check took. */
  | { readonly is: 'well'; readonly message: string; readonly run?: string | undefined; readonly tookMs?: number }
  /** The bot has just been started. */
  | { readonly is: 'started'; readonly run?: string | undefined }
  /** There is an incident; `lines` reads the last lines of the log. */
  | {
      readonly is: 'failing'
      readonly message: string
      readonly run?: string | undefined
      readonly lines: () => Promise<readonly string[]>
    }
  /** A person has paused the watchdog, as for maintenance: nobody is to be alarmed. */
  | { readonly is: 'paused'; readonly message: string; readonly run?: string | undefined }
  /** The watchdog ends: nobody watches the bot from now on. */
  | { readonly is: 'off'; readonly message: string }

/** A request to an outside monitor. */
export interface HeartbeatRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly body?: string
}

/**
 * Returns the request that tells an outside monitor about the bot; undefined where that one has no way to say it. `body` is
 * the text that goes with it. Healthchecks: the address itself, or with `/start`, `/fail` or `/log` behind it, and the run
 * as `rid`. Uptime Kuma's push monitor: `status`, `msg` and `ping` in its query. What else there is gets the address itself,
 * or with `/fail` behind it.
 */
export function heartbeatRequest(base: string, beat: Beat, body: string): HeartbeatRequest | undefined {
  const url = new URL(base)
  if (url.pathname.includes('/api/push/')) return pushRequest(url, beat)
  return isHealthchecks(url) ? pingRequest(url, beat, body) : plainRequest(url, beat, body)
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/** Returns whether an address is one of Healthchecks: by its host, or as those are that run it themselves. */
function isHealthchecks({ hostname, pathname }: URL): boolean {
  return hostname === 'hc-ping.com' || new RegExp(`/ping/|/${UUID}/?$`, 'i').test(pathname)
}

function pushRequest(url: URL, beat: Beat): HeartbeatRequest | undefined {
  if (beat.is === 'started' || beat.is === 'off') return undefined
  url.searchParams.set('status', beat.is === 'failing' ? 'down' : 'up')
  url.searchParams.set('msg', oneLine(beat.message, LONGEST_MESSAGE))
  const ms = beat.is === 'well' ? beat.tookMs : undefined
  url.searchParams.set('ping', ms === undefined ? '' : String(Math.max(0, Math.round(ms))))
  return { method: 'GET', url: url.href }
}

function pingRequest(url: URL, beat: Beat, body: string): HeartbeatRequest {
  const ends = { well: '', paused: '', started: '/start', failing: '/fail', off: '/log' } as const
  const way = withEnd(url, ends[beat.is])
  if (beat.is !== 'off' && isUuid(beat.run)) way.searchParams.set('rid', beat.run)
  return requestTo(way, body)
}

/** Returns whether a run can be told: Healthchecks refuses what is no UUID. */
function isUuid(run: string | undefined): run is string {
  return run !== undefined && new RegExp(`^${UUID}$`, 'i').test(run)
}

function plainRequest(url: URL, beat: Beat, body: string): HeartbeatRequest | undefined {
  if (beat.is === 'started' || beat.is === 'off') return undefined // which might be taken for a sign of life
  return beat.is === 'failing' ? requestTo(withEnd(url, '/fail'), body) : { method: 'GET', url: url.href }
}

function withEnd(url: URL, end: string): URL {
  if (end !== '') url.pathname = `${url.pathname.replace(/\/$/, '')}${end}`
  return url
}

function requestTo({ href: url }: URL, body: string): HeartbeatRequest {
  return body === '' ? { method: 'GET', url } : { method: 'POST', url, body }
}

/** Returns the text that goes with a heartbeat: what happened, then as many of the last lines as there is room for. */
export function heartbeatBody(message: string, lines: readonly string[], mostBytes = LONGEST_BODY_BYTES): string {
  const head = cut(printable(message), mostBytes)
  const kept: string[] = []
  let bytes = Buffer.byteLength(head) + HEADING_BYTES
  for (const line of lines.toReversed().map(printable)) {
    bytes += Buffer.byteLength(line) + 1
    if (bytes > mostBytes) break
    kept.unshift(line)
  }
  return kept.length === 0 ? head : [head, HEADING, ...kept].join('\n')
}

const HEADING = '\nThe last lines of the log:'
const HEADING_BYTES = Buffer.byteLength(HEADING) + 1

function cut(text: string, mostBytes: number): string {
  const bytes = Buffer.from(text)
  // a character that was cut in two is left out
  return bytes.length <= mostBytes ? text : bytes.toString('utf8', 0, mostBytes).replace(/\uFFFD$/, '')
}

export interface HeartbeatOptions {
  /** HEARTBEAT_URL; undefined: nobody is told. */
  readonly base: string | undefined
  /** Hides secrets in all that is told. */
  readonly redact: (text: string) => string
  /** Called with a fault, once, and with undefined once it is over. */
  readonly onFault: (why: string | undefined) => void
  readonly send?: (url: string, question: Question) => Promise<Pick<Answer, 'status'>>
}

/** What tells the outside monitor. */
export interface Heartbeat {
  /** Tells it in the background, one heartbeat after the other, and delays nothing. */
  beat(beat: Beat): void
  /** Resolves once all is told, or has failed. */
  told(): Promise<void>
}

/**
 * Returns what tells the outside monitor. They arrive in their order: a start that came after the sign of life behind it
 * would be an alarm. While one is under way, signs of life are left out, since the next check brings another.
 */
export function openHeartbeat({ base, redact, onFault, send = ask }: HeartbeatOptions): Heartbeat {
  let isFaulty = false
  const note = (why: string | undefined) => {
    if ((why !== undefined) === isFaulty) return
    isFaulty = why !== undefined
    onFault(why)
  }
  let waiting = 0
  let last: Promise<void> = Promise.resolve()
  /** The run whose start was told last. */
  let started: string | undefined
  const tell = async (url: string, beat: Beat) => {
    try {
      const request = heartbeatRequest(url, known(beat, started, redact), await bodyOf(beat, redact))
      if (request === undefined) return
      const { url: to, ...question } = request
      const headers = question.body === undefined ? {} : { 'Content-Type': 'text/plain; charset=utf-8' }
      const { status } = await send(to, { ...question, headers, timeoutMs: REQUEST_MS })
      const isTaken = status >= 200 && status < 300
      if (isTaken && beat.is === 'started') started = beat.run
      note(isTaken ? undefined : `HTTP ${status}`)
    } catch (error) {
      note(messageOf(error))
    }
  }
  return {
    beat(beat) {
      if (base === undefined || waiting >= (beat.is === 'well' ? 2 : MOST_WAITING)) return
      waiting++
      last = last.then(() => tell(base, beat)).finally(() => waiting--)
    },
    told: () => last,
  }
}

/**
 * Returns a heartbeat as it is told: without secrets, and without a run whose start did not arrive. Healthchecks would wait
 * for the end of the one before, and alarm.
 */
function known(beat: Beat, started: string | undefined, redact: (text: string) => string): Beat {
  if (beat.is === 'started') return beat
  const told = { ...beat, message: redact(beat.message) }
  return told.is === 'off' || started === undefined || told.run === started ? told : { ...told, run: undefined }
}

/** Returns the text that goes with a heartbeat; a plain sign of life needs none, and every monitor takes it so. */
async function bodyOf(beat: Beat, redact: (text: string) => string): Promise<string> {
  if (beat.is === 'well' || beat.is === 'started') return ''
  const lines = beat.is === 'failing' ? await beat.lines().catch(() => []) : []
  return heartbeatBody(redact(beat.message), lines.map(redact))
}
