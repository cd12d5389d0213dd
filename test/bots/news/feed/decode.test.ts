import { expect } from 'chai'
import { parseDate } from '#bots/news/feed/dates.js'
import { decodeFeed } from '#bots/news/feed/decode.js'

const latin1 = (text: string) => Buffer.from(text, 'latin1')

describe('news: decodeFeed', () => {
  const cases: [name: string, bytes: Uint8Array, type: string | undefined, text: string][] = [
    ['plain UTF-8', Buffer.from('é€'), undefined, 'é€'],
    ['UTF-8 with a byte-order mark', Buffer.from('\ufeffé'), undefined, 'é'],
    ['UTF-8 that calls itself ISO-8859-1', Buffer.from('é'), 'text/xml; charset=ISO-8859-1', 'é'],
    ['UTF-8 cut inside a character', Buffer.from('a€').subarray(0, 3), undefined, 'a'],
    ['UTF-16 LE by its mark', Buffer.from('\ufeffé€', 'utf16le'), undefined, 'é€'],
    ['UTF-16 BE by its mark', Buffer.from('\ufeffé€', 'utf16le').swap16(), undefined, 'é€'],
    ['UTF-16 LE by its first character', Buffer.from('<é', 'utf16le'), undefined, '<é'],
    ['Content-Type', latin1('\xe9\xb3x'), 'text/xml; charset="ISO-8859-2"', 'éłx'],
    [
      'the XML declaration',
      latin1('<?xml version="1.0" encoding="koi8-r"?>\xc1x'),
      'text/xml',
      '<?xml version="1.0" encoding="koi8-r"?>аx',
    ],
    [
      'Content-Type before the declaration',
      latin1('<?xml encoding="koi8-r"?>\xb3x'),
      'a/b;charset=iso-8859-2',
      '<?xml encoding="koi8-r"?>łx',
    ],
    ['windows-1252 when nothing is said', latin1('\x80 \xe9'), undefined, '€ é'],
    ['windows-1252 when UTF-8 is claimed in vain', latin1('\x80'), 'text/xml; charset=utf-8', '€'],
    ['windows-1252 for an unknown label', latin1('\xe9x'), 'text/xml; charset=x-nobody-knows', 'éx'],
    ['nothing', Buffer.alloc(0), undefined, ''],
  ]
  for (const [name, bytes, type, text] of cases) {
    it(`reads ${name}`, () => {
      expect(decodeFeed(bytes, type)).to.equal(text)
    })
  }
})

describe('news: parseDate', () => {
  const cases: [text: string, iso: string | undefined][] = [
    ['Tue, 21 Apr 2026 17:22:00 GMT', '2026-04-21T17:22:00.000Z'],
    ['Tue, 21 Apr 2026 17:22:00 -0400', '2026-04-21T21:22:00.000Z'],
    ['Tue, 21 Apr 2026 17:22:00 EDT', '2026-04-21T21:22:00.000Z'],
    ['2026-03-27T17:30:45-04:00', '2026-03-27T21:30:45.000Z'],
    ['2026-03-27T17:30:45', '2026-03-27T17:30:45.000Z'],
    ['2026-03-27', '2026-03-27T00:00:00.000Z'],
    ['Tue, 21 Apr 2026 17:22:00', '2026-04-21T17:22:00.000Z'],
    ['Tue, 21 Apr 2026 17:22:00 JST', '2026-04-21T17:22:00.000Z'],
    ['0001-01-01T00:00:00Z', undefined],
    ['yesterday', undefined],
    ['', undefined],
    [`${'9'.repeat(100)}`, undefined],
  ]
  for (const [text, iso] of cases) {
    it(`reads '${text.slice(0, 40)}' as ${iso}`, () => {
      const time = parseDate(text)
      expect(time === undefined ? undefined : new Date(time).toISOString()).to.equal(iso)
    })
  }
})
