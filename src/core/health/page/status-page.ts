import type { Day, History } from '#core/health/history/history.js'
import type { HealthReport } from '#core/health/report.js'
import { STATUSES } from '#core/health/status.js'
import type { Clock } from '#core/platform/clock.js'
import { type Asset, type Assets, openAssets } from './assets.js'
import { CHARTS, RANGES, type Range } from './charts.js'
import { chartPart, chartsPart } from './charts-part.js'
import { dayCell, dayPart, daysPart, sharePart } from './days-part.js'
import { pageDocument, titleOf } from './document.js'
import { NO_FACTS, type PageFacts, type Story, withoutFailures } from './facts.js'
import type { Html } from './html.js'
import { Live, type Update } from './live.js'
import { figuresPart, needsPart, statePart, tabIcon } from './state-part.js'
import { STATUS_WORDS, shortened } from './words.js'

export interface StatusPageOptions {
  readonly report: () => HealthReport
  readonly history: History
  /** Returns the facts in files of the home. It is called when the page is first looked at. */
  readonly facts: () => Promise<PageFacts>
  /** Takes secrets, paths of the machine and control characters out of a text. */
  readonly clean: (text: string) => string
  readonly assets?: Assets
}

/** An answer to a request of the page: a text, or a file that never changes. */
export type PageAnswer =
  | { readonly is: 'text'; readonly type: string; readonly text: string }
  | { readonly is: 'file'; readonly file: Asset }

/** The time for which the facts in files are kept, in ms: 20 viewers cost no more than one. */
const FACTS_MS = 60_000
const DAY_MS = 24 * 3_600_000
const HTML_TYPE = 'text/html; charset=utf-8'

/** The status page, its parts, and its live updates. */
export class StatusPage {
  readonly live: Live
  readonly #clock: Clock
  readonly #options: StatusPageOptions
  readonly #assets: Assets
  /** Cleans a text, and cuts a long one: the whole of it is in the logs. */
  readonly #clean: (text: string) => string
  #facts: PageFacts | undefined
  #known: { readonly at: number; readonly facts: Known } | undefined
  #told: Readonly<Record<string, string>> = {}

  constructor(clock: Clock, options: StatusPageOptions) {
    this.#clock = clock
    this.#options = options
    this.#assets = options.assets ?? openAssets()
    this.#clean = (text) => shortened(options.clean(text))
    this.live = new Live(clock, {
      first: () => {
        this.#told = {} // what was told before, this one does not know: the next update has all of it
        return { event: 'now', data: this.#now() }
      },
      next: () => this.#changes(),
    })
  }

  /** Loads what the page is made of. To be awaited before anything else is asked. */
  async open(): Promise<void> {
    this.#facts ??= withoutFailures(await this.#options.facts().catch(() => NO_FACTS))
  }

  /** Returns the answer to a path below `/page/`, or to `/` itself; undefined where there is none. */
  answer(path: string, query: URLSearchParams): PageAnswer | undefined {
    const part = path.slice('/page/'.length)
    if (path === '/') return this.#html(this.#document(query))
    if (part === 'charts') return this.#html(this.#charts(rangeOf(query)))
    if (part === 'chart') return this.#html(this.#chart(query)?.text)
    if (part === 'day') return this.#html(this.#day(query)?.text)
    if (part === 'days') return this.#html(this.#days(undefined).text)
    const status = STATUSES.find((one) => part === `icon-${one}.svg`)
    if (status !== undefined) return { is: 'text', type: 'image/svg+xml', text: tabIcon(status) }
    const file = part.startsWith('assets/') ? this.#assets.read(part.slice('assets/'.length)) : undefined
    return file && { is: 'file', file }
  }

  #html(text: string | undefined): PageAnswer | undefined {
    return text === undefined ? undefined : { is: 'text', type: HTML_TYPE, text }
  }

  #document(query: URLSearchParams): string {
    const [report, now] = [this.#report(), this.#clock.now()]
    const { name, environment, version, status } = report
    const parts = {
      ...{ name, environment, version, status },
      ...this.#stateParts(report, now),
      days: this.#days(query.get('day') ?? undefined),
      charts: chartsPart(this.#options.history, rangeOf(query), now),
      day: this.#day(query),
      chart: this.#chart(query),
    }
    return pageDocument(parts, this.#assets, now)
  }

  #stateParts(report: HealthReport, now: number): Record<'state' | 'figures' | 'needs', Html> {
    const { rating, restarts, backups } = this.#factsAt(now)
    return {
      state: statePart(report, now),
      figures: figuresPart(report, { rating, restarts, backups }),
      needs: needsPart(report),
    }
  }

  #charts(range: Range): string {
    return chartsPart(this.#options.history, range, this.#clock.now()).text
  }

  #chart(query: URLSearchParams): Html | undefined {
    const chart = CHARTS.find(({ name }) => name === query.get('chart'))
    return chart && chartPart(this.#options.history, chart, rangeOf(query), this.#clock.now())
  }

  #days(shown: string | undefined): Html {
    const now = this.#clock.now()
    return daysPart(this.#options.history.days(now), { opened: this.#factsAt(now).incidents, shown, now })
  }

  #day(query: URLSearchParams): Html | undefined {
    const now = this.#clock.now()
    const day = this.#options.history.days(now).find(({ name }) => name === query.get('day'))
    return day && dayPart(day, this.#stories(day), now)
  }

  #stories(day: Day): readonly Story[] {
    const stories = this.#facts?.stories(day.from, day.to) ?? []
    return cleaned(stories, this.#clean)
  }

  /** Returns all that the page shows of now, for a browser that puts it in its place. */
  #now(): Now {
    const [report, now] = [this.#report(), this.#clock.now()]
    const { state, figures, needs } = this.#stateParts(report, now)
    const days = this.#options.history.days(now)
    const today = days.at(-1) as Day
    const { word, meaning } = STATUS_WORDS[report.status]
    return {
      instance: report.started_at,
      status: report.status,
      title: titleOf(report),
      say: `${report.name}: ${word}. ${report.reasons.join('; ') || meaning}`,
      at: new Date(now).toTimeString().slice(0, 8),
      minute: Math.floor(now / 60_000),
      day: today.name,
      today: dayCell(today, this.#factsAt(now).incidents, now),
      parts: { state: state.text, figures: figures.text, 'needs-part': needs.text, share: sharePart(days, now).text },
    }
  }

  #changes(): readonly Update[] {
    const { parts, ...rest } = this.#now()
    const changed = Object.entries(parts).filter(([name, text]) => this.#told[name] !== text)
    this.#told = parts
    return [{ event: 'now', data: { ...rest, parts: Object.fromEntries(changed) } }]
  }

  /** Returns the report, of which nothing is a secret or a path of the machine. */
  #report(): HealthReport {
    return cleaned(this.#options.report(), this.#clean)
  }

  #factsAt(now: number): Known {
    const monotonic = this.#clock.monotonic()
    if (this.#known === undefined || monotonic - this.#known.at >= FACTS_MS) {
      this.#known = { at: monotonic, facts: knownOf(this.#facts, this.#clean, now) }
    }
    return this.#known.facts
  }
}

interface Now {
  /** The start of the bot: another one may look differently. */
  readonly instance: string
  readonly status: string
  readonly title: string
  /** What a screen reader says when the status has changed. */
  readonly say: string
  readonly at: string
  /** The minute: with a new one the charts have another point. */
  readonly minute: number
  readonly day: string
  readonly today: { readonly classes: string; readonly label: string }
  readonly parts: Readonly<Record<string, string>>
}

type Known = {
  readonly rating: ReturnType<PageFacts['rating']>
  readonly restarts: ReturnType<PageFacts['restarts']>
  readonly backups: ReturnType<NonNullable<PageFacts['backups']>>
  readonly incidents: readonly number[]
}

function knownOf(facts: PageFacts | undefined, clean: (text: string) => string, now: number): Known {
  const rating = facts?.rating()
  return {
    rating: rating && { rating: rating.rating, reason: clean(rating.reason) },
    restarts: facts?.restarts(now - DAY_MS) ?? { restarts: 0, unexpected: 0 },
    backups: facts?.backups?.(),
    incidents: facts?.incidents() ?? [],
  }
}

function rangeOf(query: URLSearchParams): Range {
  return RANGES.find((range) => range === query.get('range')) ?? 'hour'
}

/** Cleans every text of a value, and every key. */
function cleaned<T>(value: T, clean: (text: string) => string): T {
  if (typeof value === 'string') return clean(value) as T
  if (Array.isArray(value)) return value.map((one) => cleaned(one, clean)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [clean(key), cleaned(one, clean)])) as T
}
