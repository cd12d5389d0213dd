import type { Category, Entry } from '#bots/news/feed/entry.js'

const STOCK_SCHEME = /\/rss\/stock$/i
const STOCK_TERM = /^([a-z][a-z0-9 .-]{0,29}):\s?([a-z0-9][a-z0-9.-]{0,14})$/i
// `(NASDAQ: XYZ)`, `(NYSE American: XYZ)`, `(Nasdaq: XYZ; TSX: XYZ)`. The exchange in any case, the symbol in capitals.
const EXCHANGES =
  'nasdaq(?:gs|gm|cm)?|nyse(?:[ -]?(?:american|arca|mkt))?|amex|otcq[bx]|otc(?: pink| markets)?|tsx(?:-?v| venture)?|' +
  'cse|neo|lse|aim|asx|cboe(?: canada)?|hkex|sehk'
const MENTION = new RegExp(String.raw`\(\s{0,3}(${EXCHANGES})\s{0,3}:\s{0,3}["“]?([a-z0-9][a-z0-9.-]{0,9})`, 'gi')

/**
 * Returns the ticker of an entry as `NASDAQ:RPRX`: from the feed's stock category, else from the first `(NASDAQ: RPRX)`
 * in title or text.
 */
export function tickerOf(entry: Pick<Entry, 'title' | 'text' | 'categories'>): string | undefined {
  return fromCategories(entry.categories) ?? fromText(entry.title) ?? fromText(entry.text)
}

function fromCategories(categories: readonly Category[]): string | undefined {
  for (const { scheme, term } of categories) {
    const match = STOCK_SCHEME.test(scheme) ? STOCK_TERM.exec(term) : null
    if (match) return `${match[1]}:${match[2]}`.toUpperCase()
  }
  return undefined
}

function fromText(text: string): string | undefined {
  for (const [, exchange, symbol = ''] of text.matchAll(MENTION)) {
    const ticker = symbol.replace(/[.-]$/, '')
    if (ticker === ticker.toUpperCase()) return `${exchange}:${ticker}`.toUpperCase()
  }
  return undefined
}
