import { backupFacts } from '#core/backup/backup-facts.js'
import { ratedAs, ratingOf } from '#core/deploy/releases/ratings.js'
import { readRatings } from '#core/deploy/releases/ratings-file.js'
import type { PageFacts, Story } from '#core/health/page/facts.js'
import { Home, type HomeFacts } from '#core/home/home.js'
import { isOpen } from '#core/incidents/incident.js'
import { headline, story } from '#core/incidents/incident-words.js'
import { type IncidentRecord, Incidents } from '#core/incidents/store.js'
import { isUnexpectedExit } from '#core/journal/bot-exits.js'
import { type JournalEntry, readNewestSince } from '#core/journal/journal.js'
import { entryText } from '#core/journal/timeline.js'
import type { Clock } from '#core/platform/clock.js'
import { duration, timeOfName } from '#core/text.js'

/** The stories of a day that are told: a crash loop has hundreds. */
const MAXIMUM_STORIES = 50
/** A stop that is followed by a start within this time is a restart, and no story. */
const RESTART_MS = 120_000

/** Returns what the status page shows of a home's incidents, deployments and ratings. */
export function pageFacts(clock: Clock, { paths, config }: Pick<HomeFacts, 'paths' | 'config'>): PageFacts {
  const home = new Home({ clock, paths, config })
  const incidents = new Incidents(paths.incidents)
  return {
    rating() {
      const active = home.activePointer()
      if (active === undefined) return undefined
      const known = ratingOf(readRatings(home), active.commit)
      return { rating: ratedAs(known), reason: known?.reason ?? '' }
    },
    backups() {
      const facts = backupFacts(paths, home.settings, clock.now())
      if (facts === null) return undefined
      const timeOf = (time: string | null) => (time === null ? null : Date.parse(time))
      return { at: timeOf(facts.last_good), tested: timeOf(facts.last_good_test), isBad: facts.fault !== null }
    },
    restarts: (since) => restartsSince(readNewestSince(paths.journal, since), since),
    incidents: () => incidents.list().map(timeOfName),
    stories(from, to) {
      const records = incidents
        .list()
        .filter((name) => timeOfName(name) < to)
        .flatMap((name) => incidents.read(name) ?? [])
      return storiesOf({ from, to, now: clock.now(), records, entries: readNewestSince(paths.journal, from) })
    },
  }
}

/** Returns the restarts since a time, and the exits that nobody asked for. The first start of all is none. */
export function restartsSince(
  entries: readonly JournalEntry[],
  since: number,
): { readonly restarts: number; readonly unexpected: number } {
  const first = entries.find(({ kind }) => kind.startsWith('bot.'))
  const recent = entries.filter(({ time }) => Date.parse(time) >= since)
  return {
    restarts: recent.filter((entry) => entry.kind === 'bot.start' && entry !== first).length,
    unexpected: recent.filter(isUnexpectedExit).length,
  }
}

/** Returns the stories of a day, the oldest first: its incidents, its deployments, and stops on purpose. */
export function storiesOf(day: {
  readonly from: number
  readonly to: number
  readonly now: number
  readonly records: readonly IncidentRecord[]
  readonly entries: readonly JournalEntry[]
}): Story[] {
  const { from, to, now, records, entries } = day
  const stories = [
    ...records.filter((one) => one.since < to && (one.recoveredAt ?? now) >= from).map(incidentStory),
    ...entries.flatMap((entry, index) => {
      const at = Date.parse(entry.time)
      return at >= from && at < to ? (entryStory(entry, at, entries.slice(index + 1)) ?? []) : []
    }),
  ]
  return stories.sort((one, other) => one.at - other.at).slice(-MAXIMUM_STORIES)
}

function incidentStory(incident: IncidentRecord): Story {
  const { since, recoveredAt, state } = incident
  return {
    at: since,
    until: recoveredAt,
    tone: isOpen(incident) ? 'bad' : 'warn',
    title: `Incident: ${headline({ ...incident, why: incident.opened, state: 'detected' })}`,
    outcome: state === 'recovered' ? `recovered after ${duration((recoveredAt ?? since) - since)}` : headline(incident),
    text: story(incident),
  }
}

/** The outcomes of a deployment with their tones, also by their names before 0.2. */
const TONES: Readonly<Record<string, Story['tone']>> = {
  deployed: 'good',
  good: 'good',
  already_active: 'good',
  rolled_back: 'warn',
  back: 'warn',
  needs_attention: 'bad',
  'needs you': 'bad',
}

function entryStory(entry: JournalEntry, at: number, later: readonly JournalEntry[]): Story | undefined {
  const { kind, seconds } = entry
  const [title = '', ...rest] = entryText(entry).split(': ')
  const text = rest.join(': ')
  const told: Story = { at, title: capitalized(title), outcome: '', text: sentence(text), tone: 'neutral' }
  switch (kind) {
    case 'deploy.end': {
      const from = typeof seconds === 'number' ? at - seconds * 1000 : at
      const outcome = String(entry.outcome).replaceAll('_', ' ')
      const tone = TONES[String(entry.outcome)] ?? 'neutral'
      return { ...told, at: from, until: at, tone, outcome, text: sentence(text.replace(`${outcome} `, '')) }
    }
    case 'deploy.recover':
    case 'service.stop':
    case 'service.uninstall':
    case 'watchdog.pause':
    case 'watchdog.resume':
      return told
    case 'bot.stop': {
      const next = later.find((one) => one.kind === 'bot.start')
      const isStop = next === undefined || Date.parse(next.time) - at > RESTART_MS
      const until = next && Date.parse(next.time)
      return isStop ? { ...told, until, outcome: 'stopped' } : undefined
    }
    default:
      return undefined
  }
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function sentence(text: string): string {
  return text === '' ? '' : `${capitalized(text).replace(/\.$/, '')}.`
}
