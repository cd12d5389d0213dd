/** Returns a count with its noun: `1 fault`, `2 faults`; an irregular plural is given. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`
}

/** Formats a duration: `3 min 12 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const
  const said = parts.filter(([count]) => count > 0).slice(0, 2)
  return said.length === 0 ? '0 s' : said.map(([count, unit]) => `${count} ${unit}`).join(' ')
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Reads a duration as people type it: `90s`, `15m`, `2h`, `3d`. Returns ms; undefined where it is none. */
export function durationOf(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)\s*([smhd])$/i.exec(text.trim())
  return parts ? Number(parts[1]) * (UNIT_MS[(parts[2] as string).toLowerCase()] as number) : undefined
}

/** Returns a time in ms as seconds, to a tenth of one. */
export function inSeconds(ms: number): number {
  return Math.round(ms / 100) / 10
}

/** Formats a time in ms since 1970 as `20260301T120000000Z`: it sorts by time, and is a file name everywhere. */
export function timeName(at: number): string {
  return new Date(at).toISOString().replace(/[-:.]/g, '')
}

/** Returns the time, in ms since 1970, at the beginning of a name that {@link timeName} made. */
export function timeOfName(name: string): number {
  return Date.parse(name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z.*$/, '$1-$2-$3T$4:$5:$6.$7Z'))
}

/** Returns whether a value is a time in ms since 1970 that a date can hold (ECMA-262, "Time Values and Time Range"). */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15
}

/** Formats a time in ms since 1970 as ISO 8601, in UTC; null if it isn't known. */
export function isoOf(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}

/** Formats a time (ISO 8601, or ms since 1970) for people, in their own time zone; `-` if it is none. */
export function localTime(time: unknown): string {
  const date = new Date(typeof time === 'number' ? time : String(time))
  if (Number.isNaN(date.getTime())) return '-'
  const two = (part: number) => String(part).padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`
}

/** Quotes a word of a command line, so that a person can paste it into the shell of that platform. */
export function quoteWord(word: string, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'win32') return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
  // backslashes count double before a quote (CommandLineToArgvW)
  return /^[\w@+=:,./\\-]+$/.test(word)
    ? word
    : `"${word.replace(/(\\*)("|$)/g, (_, slashes, quote) => slashes + slashes + (quote && '\\"'))}"`
}

/** Returns a command line with more flags: after `--` there are none. */
export function withFlags(words: readonly string[], ...flags: readonly string[]): string[] {
  const end = words.indexOf('--')
  return end === -1 ? [...words, ...flags] : [...words.slice(0, end), ...flags, ...words.slice(end)]
}

/** Returns how many typos lie between two words: an extra letter, a missing one, another one, or two swapped ones. */
export function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1]
    for (const [j, other] of b.split('').entries()) {
      const isSwapped = i > 0 && j > 0 && letter === b[j - 1] && a[i - 1] === other
      next.push(
        Math.min(
          (next[j] as number) + 1,
          (row[j + 1] as number) + 1,
          (row[j] as number) + (letter === other ? 0 : 1),
          isSwapped ? (before[j - 1] as number) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    before = row
    row = next
  }
  return row[b.length] as number
}

/** Formats a size: `48 MB`, `1.2 GB`. */
export function sizeText(bytes: number): string {
  const mb = bytes / 1_000_000
  return mb < 1000 ? `${Math.ceil(mb)} MB` : `${(mb / 1000).toFixed(1)} GB`
}
