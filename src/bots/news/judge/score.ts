import type { Entry } from '#bots/news/feed/entry.js'
import { type Filing, filingOf } from './filing.js'
import { ITEMS_8K, SOURCE_WEIGHTS, TOPICS } from './keywords.js'

export interface Score {
  /** The score. At or above MIN_SCORE the entry is worth an alert. Two decimals; may be negative. */
  readonly score: number
  /** The topics found, in the order of the table, negative ones too. */
  readonly categories: readonly string[]
}

// `\b` knows ASCII letters only; these boundaries hold beside é or ß as well.
const topics = TOPICS.map(({ phrases, ...topic }) => ({
  ...topic,
  pattern: new RegExp(`(?<![\\p{L}\\p{N}])(?:${phrases.join('|')})(?![\\p{L}\\p{N}])`, 'iu'),
}))

/**
 * Scores an entry: each topic counts once, in full when the title speaks of it, by half when only the text does, and
 * the sum is weighted by the source. An SEC filing is judged by its form and items instead, since its title is only
 * the company's name.
 * @param host the feed's host, with or without a port
 */
export function scoreEntry(entry: Pick<Entry, 'title' | 'text'>, host: string): Score {
  const filing = filingOf(entry)
  const found = filing ? filingTopics(filing) : wireTopics(entry)
  const sum = [...found.values()].reduce((total, weight) => total + weight, 0)
  return { score: Math.round(sum * sourceWeight(host) * 100) / 100, categories: [...found.keys()] }
}

function wireTopics({ title, text }: Pick<Entry, 'title' | 'text'>): Map<string, number> {
  const found = new Map<string, number>()
  for (const { name, weight, pattern, titleOnly } of topics) {
    if (pattern.test(title)) found.set(name, weight)
    else if (!titleOnly && pattern.test(text)) found.set(name, weight / 2)
  }
  return found
}

function filingTopics({ form, items }: Filing): Map<string, number> {
  const found = new Map<string, number>()
  if (!/^8-K/.test(form)) return found
  // An 8-K reports something material by its nature; where the feed doesn't say what, that alone counts.
  if (items.length === 0) found.set('filing', 1)
  for (const item of items) {
    const topic = ITEMS_8K[item]
    if (topic && !found.has(topic.name)) found.set(topic.name, topic.weight)
  }
  return found
}

function sourceWeight(host: string): number {
  const labels = host.toLowerCase().replace(/:\d+$/, '').split('.')
  return SOURCE_WEIGHTS[labels.slice(-2).join('.')] ?? 1
}
