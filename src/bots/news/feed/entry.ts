import { parseDate } from './dates.js'
import { own, plainText } from './text.js'

/** One piece of news, from RSS or Atom alike. */
export interface Entry {
  /** The guid or id, else the link, else the title. */
  readonly id: string
  /** Plain text, at most 300 characters. */
  readonly title: string
  /** Plain text, at most 2,000 characters. */
  readonly text: string
  /** http or https, absolute. */
  readonly link?: string
  /** Milliseconds since 1970. */
  readonly published?: number
  readonly categories: readonly Category[]
}

export interface Category {
  /** RSS `domain`, Atom `scheme`; empty when absent. */
  readonly scheme: string
  readonly term: string
}

/** The parts of an entry that the parser collected, as they stood in the feed. Names are in lower case. */
export interface Draft {
  /** The first element of each name. */
  readonly fields: Map<string, string>
  readonly links: { readonly rel: string; readonly href: string }[]
  readonly categories: Category[]
  /** False when `<guid isPermaLink="false">` says that the guid is no address. */
  permalink: boolean
}

const MAX_TITLE = 300
const MAX_TEXT = 2_000
const MAX_LINK = 2_000
const MAX_CATEGORIES = 50

/** Makes an entry of a draft; returns undefined when the draft holds neither id, link nor title. */
export function toEntry(draft: Draft): Entry | undefined {
  const first = (...names: string[]) => names.map((name) => draft.fields.get(name)?.trim()).find(Boolean) ?? ''
  const text = plainText(first('description', 'summary', 'content:encoded', 'content'), MAX_TEXT)
  const link = linkOf(draft)
  const title = plainText(first('title'), MAX_TITLE)
  const id = first('guid', 'id') || link || title
  if (!id) return undefined
  const published = parseDate(first('pubdate', 'published', 'dc:date', 'updated'))
  return {
    id: own(id),
    title: own(title || plainText(text, MAX_TITLE) || id.slice(0, MAX_TITLE)),
    text: own(text),
    categories: draft.categories.slice(0, MAX_CATEGORIES).map(toCategory),
    ...(link ? { link: own(link) } : {}),
    ...(published === undefined ? {} : { published }),
  }
}

function toCategory({ scheme, term }: Category): Category {
  return { scheme: own(scheme.trim().slice(0, 200)), term: own(plainText(term, 200)) }
}

/** Returns an absolute http or https address: anything else means nothing outside of the feed, or runs as a script. */
function linkOf(draft: Draft): string | undefined {
  const alternates = draft.links.filter(({ rel }) => rel === '' || rel === 'alternate').map(({ href }) => href)
  const guid = draft.permalink ? [draft.fields.get('guid') ?? ''] : []
  for (const candidate of [draft.fields.get('link') ?? '', ...alternates, ...guid]) {
    const text = candidate.trim()
    if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) continue
    const { href } = new URL(text)
    if (href.length <= MAX_LINK) return href
  }
  return undefined
}
