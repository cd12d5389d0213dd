import sax from 'sax'
import { type Category, type Draft, type Entry, toEntry } from './entry.js'

export interface ParsedFeed {
  /** The entries in the feed's order, each id once, at most 500. */
  readonly entries: readonly Entry[]
  /** The reason why the feed was not read to its end, if it wasn't. */
  readonly cut?: string
  /** True when the text ended too early, so that a new request may bring the rest. */
  readonly brokenOff?: boolean
}

/** The error for a text that is neither RSS nor Atom. */
export class NotAFeed extends Error {}

const MAX_ENTRIES = 500
// Repeated and empty ones included: even those cost time.
const MAX_ITEMS = 5_000
// Deeper than any real feed.
const MAX_DEPTH = 100
// Real feeds have a stray & here and there. Each one costs an Error, and a feed of nothing else would cost many seconds.
const MAX_FLAWS = 5_000
const ROOTS = new Set(['rss', 'feed', 'rdf:rdf'])
const TEXTS = new Set('title link guid id pubdate published updated dc:date'.split(' '))
const BODIES = new Set('description summary content content:encoded'.split(' '))
const ATTRIBUTES = new Set('href rel domain scheme term ispermalink'.split(' '))
const MAX_FIELD = 4_000
const MAX_BODY = 20_000

class Stop extends Error {}

interface Field {
  readonly name: string
  readonly max: number
  readonly attributes: Map<string, string>
  text: string
}

/**
 * Reads RSS (0.9x, 1.0, 2.0) or Atom in one pass over the text. Entities of a DOCTYPE stay unexpanded and nothing
 * external is fetched. Text that ends early gives the entries that were complete.
 * @throws NotAFeed
 */
export function parseFeed(xml: string): ParsedFeed {
  const reader = new FeedReader()
  const parser = sax.parser(true, { position: false })
  let flaws = 0
  parser.onerror = () => {
    if (++flaws > MAX_FLAWS) throw new Stop('it is broken in too many places')
    parser.error = null as never // it continues after the flaw
  }
  parser.onopentagstart = ({ name }) => reader.onopentagname(name)
  parser.onattribute = ({ name, value }) => reader.onattribute(name, value)
  parser.ontext = (text) => reader.ontext(text)
  parser.oncdata = (text) => reader.ontext(text)
  parser.onclosetag = () => reader.onclosetag()
  let cut: string | undefined
  try {
    parser.write(xml)
    reader.result = true
    parser.close()
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    cut = error.message
  }
  if (!reader.root) throw new NotAFeed(xml.trim() ? 'not a feed (no XML)' : 'not a feed (empty)')
  if (cut !== undefined) return { entries: reader.entries(), cut }
  return { entries: reader.entries(), ...(reader.closed ? {} : { cut: 'it ends in the middle', brokenOff: true }) }
}

/** Follows the parser's events. Only the direct children of an entry count: a nested title is somebody else's. */
class FeedReader {
  root = ''
  closed = false
  /** Set before the parser closes what the text left open. */
  result = false
  #depth = 0
  #draft: Draft | undefined
  #draftDepth = 0
  #items = 0
  #field: Field | undefined
  readonly #entries = new Map<string, Entry>()

  entries(): Entry[] {
    return [...this.#entries.values()]
  }

  onopentagname(tag: string): void {
    this.#depth++
    if (this.#depth > MAX_DEPTH) throw new Stop('it is nested too deeply')
    const name = tag.length > 40 ? '' : tag.toLowerCase()
    if (!this.root) this.#openRoot(name, tag)
    else if (this.#field) this.#append(' ')
    else if (!this.#draft && (name === 'item' || name === 'entry')) {
      if (++this.#items > MAX_ITEMS) throw new Stop(`it has more than ${MAX_ITEMS} entries`)
      this.#draft = { fields: new Map(), links: [], categories: [], permalink: true }
      this.#draftDepth = this.#depth
    } else if (this.#draft && this.#depth === this.#draftDepth + 1) this.#field = openField(name)
  }

  onattribute(name: string, value: string): void {
    if (!this.#field || this.#depth !== this.#draftDepth + 1 || name.length > 20) return
    const known = name.toLowerCase()
    if (ATTRIBUTES.has(known)) this.#field.attributes.set(known, value.slice(0, MAX_FIELD))
  }

  ontext(data: string): void {
    if (this.#field) this.#append(data)
  }

  onclosetag(): void {
    this.#depth--
    if (this.#draft && this.#depth === this.#draftDepth && this.#field) {
      closeField(this.#draft, this.#field)
      this.#field = undefined
    } else if (this.#field) this.#append(' ')
    else if (this.#draft && this.#depth < this.#draftDepth) this.#closeEntry(this.#draft)
    if (this.#depth === 0 && !this.result) this.closed = true
  }

  #openRoot(name: string, tag: string): void {
    if (name === 'html') throw new NotAFeed('not a feed (an HTML page)')
    if (!ROOTS.has(name))
      throw new NotAFeed(`not a feed (it starts with <${tag.slice(0, 40).replace(/[^\w:.-]/g, '?')}>)`)
    this.root = name
  }

  #append(text: string): void {
    const field = this.#field
    if (field && field.text.length < field.max) field.text += text.slice(0, field.max - field.text.length)
  }

  #closeEntry(draft: Draft): void {
    this.#draft = undefined
    const entry = this.result ? undefined : toEntry(draft)
    if (!entry || this.#entries.has(entry.id)) return
    if (this.#entries.size === MAX_ENTRIES) throw new Stop(`it has more than ${MAX_ENTRIES} entries`)
    this.#entries.set(entry.id, entry)
  }
}

function openField(name: string): Field | undefined {
  const max = BODIES.has(name) ? MAX_BODY : TEXTS.has(name) || name === 'category' ? MAX_FIELD : 0
  return max > 0 ? { name, max, attributes: new Map(), text: '' } : undefined
}

function closeField(draft: Draft, { name, attributes, text }: Field): void {
  const attribute = (key: string) => attributes.get(key) ?? ''
  if (name === 'category') {
    const category: Category = {
      scheme: attribute('domain') || attribute('scheme'),
      term: attribute('term') || text,
    }
    if (category.term.trim()) draft.categories.push(category)
  } else if (name === 'link' && attribute('href')) {
    draft.links.push({ rel: attribute('rel').toLowerCase(), href: attribute('href') })
  } else {
    if (name === 'guid' && attribute('ispermalink').toLowerCase() === 'false') draft.permalink = false
    if (!draft.fields.has(name)) draft.fields.set(name, text)
  }
}
