import type { Random } from './random.js'

/** How a version of the bot is: it works, or how it fails. */
type Kind = 'good' | 'throws at its start' | 'ends in its gate' | 'never works' | 'ends later'

export interface Version {
  readonly tag: string
  readonly kind: Kind
}

const WEIGHTS: readonly { readonly kind: Kind; readonly weight: number }[] = [
  { kind: 'good', weight: 10 },
  { kind: 'throws at its start', weight: 2 },
  { kind: 'ends in its gate', weight: 2 },
  { kind: 'never works', weight: 1 },
  { kind: 'ends later', weight: 2 },
]

/** Plans the versions of a home: v1 is good, then chance decides. */
export function planVersions(random: Random, count: number): Version[] {
  return Array.from({ length: count }, (_, index) => ({
    tag: `v${index + 1}`,
    kind: index === 0 ? 'good' : random.weighted(WEIGHTS).kind,
  }))
}

/**
 * What both kinds of bot share. Orders are files that the bot takes away when it follows them. Each line of the log has a
 * number, and is written down in a file of the test's own once the log has taken it.
 */
const SHARED = (kind: Kind, { seconds, control }: Setting) => `
import fs from 'node:fs'
const control = ${JSON.stringify(control)}
const ordered = (name) => { try { fs.unlinkSync(control + '/' + name); return true } catch { return false } }
let lines = 0
const numbered = (file, say) => {
  const id = process.pid + '-' + Math.round(performance.timeOrigin) + '-' + lines++
  say('line ' + id + ';')
  fs.appendFileSync(control + '/' + file, id + ' ' + Date.now() + '\\n')
}
const obey = () => {
  if (ordered('exit')) process.exit(3)
  if (ordered('throw')) setTimeout(() => { throw new Error('it was told to') })
  if (ordered('block')) for (;;);
  return ordered('hang')
}
const kind = ${JSON.stringify(kind)}
if (kind === 'throws at its start') throw new Error('this version is broken')
if (kind === 'ends in its gate') setTimeout(() => process.exit(4), ${seconds * 150})
if (kind === 'ends later') setTimeout(() => process.exit(5), ${seconds * 3000})
`

/** Where a bot lives. */
export interface Setting {
  /** How many of its seconds are one of this machine's. */
  readonly seconds: number
  /** Where orders to it are left, as it sees that folder. */
  readonly control: string
}

/** The files of a version whose bot is a module: it has cycles, ten in a second of the machine's. */
export function moduleFiles({ tag, kind }: Version, setting: Setting): Record<string, string> {
  return {
    'bot.mjs': `${SHARED(kind, setting)}
export default { name: '${tag}', async cycle(ctx) {
  if (kind === 'never works' || obey()) await new Promise(() => {})
  numbered('info.txt', (text) => ctx.log.info(text))
  if (lines % 40 === 39) numbered('urgent.txt', (text) => ctx.log.error(text))
} }
`,
  }
}

/** The files of a version whose bot is a program of its own that prints and reports. */
export function programFiles({ tag, kind }: Version, setting: Setting): Record<string, string> {
  return {
    'program.mjs': `${SHARED(kind, setting)}
console.log('INFO this is ${tag}')
let hangs = kind === 'never works'
setInterval(() => {
  hangs ||= obey()
  if (hangs) return
  numbered('info.txt', (text) => console.log('INFO ' + text))
  fetch(process.env.CATALYST_REPORT_URL + '/cycle', { method: 'POST' }).catch(() => {})
}, ${setting.seconds * 100})
process.stdin.resume().on('end', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))
`,
  }
}
