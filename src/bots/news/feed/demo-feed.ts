/** An invented piece of news. Companies, symbols and events do not exist; ZVZZT and its like are Nasdaq's test symbols. */
export interface DemoItem {
  readonly title: string
  readonly text: string
  /** The stock category; absent if the title or text names the symbol, or none does. */
  readonly stock?: string
  readonly undated?: boolean
  /** True to list the item twice: real feeds repeat themselves now and then. */
  readonly twice?: boolean
}

export interface VisibleItem extends DemoItem {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly published: number
}

/** The number of items that the first request sees, and the maximum length of a feed. */
export const FIRST_ITEMS = 4
export const FEED_LENGTH = 12

export const DEMO_ITEMS: readonly DemoItem[] = [
  {
    title: 'Made-Up Biologics Announces FDA Approval of Its Imaginary Flu Tablet',
    text: '<p>FICTIONVILLE -- Made-Up Biologics today announced that the FDA approved a tablet that does not exist.</p>',
    stock: 'Demo:MADE',
  },
  {
    title: 'Pretend Robotics to Present at the Invented Investors Conference',
    text: 'The presentation of Pretend Robotics (NASDAQ: ZWZZT) takes place on a day that no calendar knows.',
  },
  {
    title: 'Fable Semiconductor Wins 40 Million Contract to Light the Moon',
    text: 'Fable Semiconductor (NASDAQ: ZVZZT) was awarded a contract by a customer that nobody has met.',
    twice: true,
  },
  {
    title: 'Nowhere Airlines Paints Its Only Aircraft Green',
    text: 'The aircraft of Nowhere Airlines will be seen in a fresh colour, once it is built.',
    stock: 'Demo:NWHR',
  },
  {
    title: 'Castle-in-the-Air Realty Prices Public Offering of Common Stock',
    text: 'The proceeds will be used for foundations.',
    stock: 'Demo:CLOUD',
  },
  {
    title: 'Unicorn Dairy to Be Acquired by Dragon Foods in an All-Paper Deal',
    text: 'The merger agreement values Unicorn Dairy at a sum that was made up.',
    stock: 'Demo:UNIC',
  },
  {
    title: 'Paper Moon Energy: Disclosure of Trading in Own Shares Under a Buyback Programme',
    text: 'Paper Moon Energy bought none of its shares, since there are none.',
    stock: 'Demo:MOON',
  },
  {
    title: 'Phantom Freight Reports Record Revenue for a Quarter That Never Was',
    text: 'Phantom Freight (NASDAQ: ZXZZT) carried more nothing than ever before.',
    undated: true,
  },
  {
    title: 'SHAREHOLDER ALERT: Invented Law Firm Looks Into Sham Shipping',
    text: 'A class action about ships that float in a story only.',
    stock: 'Demo:SHAM',
  },
  {
    title: 'Analyst of Nobody & Sons Upgrades Mirage Mining to Buy',
    text: 'The gold is expected to stay out of reach.',
    stock: 'Demo:MIRG',
  },
  {
    title: 'Wishful Thinking Software Names a New Head of Naming',
    text: 'The new head of naming has not been named.',
    stock: 'Demo:WISH',
  },
  {
    title: 'Tall Tale Therapeutics Reports Positive Phase 2 Results in Hiccups of Giants',
    text: 'The study met its primary endpoint: the ground no longer shook.',
    stock: 'Demo:TALL',
  },
]

/**
 * Returns the `index`-th item (from 0). The list repeats for ever, each time with new ids.
 * @param run distinguishes one start of the demo from another
 */
export function demoItem(run: string, index: number, published: number): VisibleItem {
  const item = DEMO_ITEMS[index % DEMO_ITEMS.length] as DemoItem
  return { ...item, id: `demo-${run}-${index}`, published }
}

/** Returns how many further items a request sees: one, two, one, two… */
export function nextItems(request: number): number {
  return request % 2 === 1 ? 1 : 2
}

/** Writes the feed as RSS 2.0, newest first. */
export function demoRss(items: readonly VisibleItem[]): string {
  const body = items.flatMap((item) => (item.twice ? [rssItem(item), rssItem(item)] : [rssItem(item)])).reverse()
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0">
<channel>
<title>Invented news about companies that do not exist</title>
<link>https://example.com/</link>
${body.join('\n')}
</channel>
</rss>
`
}

function rssItem({ id, title, text, stock, published, undated }: VisibleItem): string {
  const lines = [
    `<guid isPermaLink="false">${id}</guid>`,
    `<link>https://example.com/news/${id}</link>`,
    stock ? `<category domain="https://example.com/rss/stock">${stock}</category>` : '',
    `<title>${escapeXml(title)}</title>`,
    `<description><![CDATA[${text}]]></description>`,
    undated ? '' : `<pubDate>${new Date(published).toUTCString()}</pubDate>`,
  ]
  return `<item>\n${lines.filter(Boolean).join('\n')}\n</item>`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
