import type { Entry } from '#bots/news/feed/entry.js'

/** The facts of a filing on EDGAR. It names a company and its number (CIK) but no ticker. */
export interface Filing {
  /** `8-K`, `8-K/A`, `10-Q`… */
  readonly form: string
  readonly company: string
  /** The SEC's number of the company, ten digits. */
  readonly cik: string
  /** An 8-K's items, such as `2.02`; empty when the feed lists none. */
  readonly items: readonly string[]
}

const TITLE = /^(\S{1,20}) - (.{1,200}) \((\d{10})\)(?: \([A-Za-z ]{1,30}\))?$/
const ITEM = /\bitem (\d\.\d\d)\b/gi

/** Reads the title of an EDGAR entry: `8-K - TESLA INC (0001318605) (Filer)`. Undefined for all other news. */
export function filingOf({ title, text }: Pick<Entry, 'title' | 'text'>): Filing | undefined {
  const [, form, company, cik] = TITLE.exec(title) ?? []
  if (!form || !company || !cik) return undefined
  return { form, company, cik, items: [...new Set([...text.matchAll(ITEM)].map(([, item = '']) => item))] }
}
