import type { BotFiles } from '#core/init/bot-files.js'
import type { Candidate } from '#core/init/found-bot.js'
import { type Pm2App, pm2AppOf } from '#core/init/pm2/pm2-app.js'
import { takeOver } from '#core/init/pm2/take-over.js'
import { objectIn } from '#core/json.js'
import { type Literal, readLiteral, UNREAD } from './js-literal.js'

const NAMES = [
  'ecosystem.config.js',
  'ecosystem.config.cjs',
  'ecosystem.config.mjs',
  'ecosystem.json',
  'ecosystem.config.json',
  'pm2.json',
  'process.json',
]

/** Finds the apps of pm2's ecosystem file, which is read and not run: what only running it would tell is left out. */
export function fromEcosystem(files: BotFiles): Candidate[] {
  const name = NAMES.find(files.has)
  if (name === undefined) return []
  const { apps, isWhole } = appsOf(files.text(name) ?? '', name, files.folder)
  if (apps.length === 0)
    return [
      {
        from: name,
        why: 'only running it would tell its apps',
        instead: 'Start it with pm2, and take it over from there: pm2 save, then catalyst init --from-pm2',
      },
    ]
  const notes = isWhole ? [] : [`Parts of ${name} are code, which is not run: compare what was found with it`]
  return apps.map((app) => {
    const found = takeOver(app, files)
    return { ...found, from: `${name}, "${app.name}"`, notes: [...found.notes, ...notes] }
  })
}

function appsOf(text: string, name: string, folder: string): { apps: Pm2App[]; isWhole: boolean } {
  const file = name.endsWith('.json') ? (objectIn(text) ?? {}) : literalIn(text)
  const list = Array.isArray(file.apps) ? file.apps : 'script' in file ? [file] : []
  const apps = list.flatMap((fields: Literal) => {
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return []
    const { script, cwd } = fields as Record<string, Literal>
    if (script === UNREAD || cwd === UNREAD) return []
    const app = pm2AppOf(read(fields as Record<string, Literal>), folder)
    return app === undefined ? [] : [app]
  })
  return { apps, isWhole: !hasUnread(list as Literal) }
}

/** Returns the object that a module of JavaScript exports. */
function literalIn(module: string): Readonly<Record<string, Literal>> {
  const text = withoutFolder(module)
  const start = /(?:module\.exports\s*=|export\s+default)\s*(?=\{)/.exec(text)
  const apps = /\bapps\s*[:=]\s*(?=\[)/.exec(text)
  const value = start ? readLiteral(text, start.index + start[0].length) : UNREAD
  if (typeof value === 'object' && value !== null && Array.isArray((value as Record<string, Literal>).apps))
    return value as Record<string, Literal>
  return apps ? { apps: readLiteral(text, apps.index + apps[0].length) } : {}
}

/** Replaces the usual ways to name the file's own folder by literals, relative to it. */
function withoutFolder(text: string): string {
  return text
    .replace(/\b(?:path\.)?(?:join|resolve)\(\s*__dirname\s*,\s*(['"])([^'"]*)\1\s*\)/g, "'./$2'")
    .replace(/`\$\{__dirname\}\/?([^`$]*)`/g, "'./$1'")
    .replace(/\b__dirname\s*\+\s*(['"])\/?([^'"]*)\1/g, "'./$2'")
    .replace(/(?<![\w.])(?:__dirname|process\.cwd\(\))/g, "'.'")
}

/** Returns the fields that could be read. */
function read(fields: Readonly<Record<string, Literal>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== UNREAD && !(Array.isArray(value) && hasUnread(value))),
  )
}

function hasUnread(value: Literal): boolean {
  if (value === UNREAD) return true
  return typeof value === 'object' && value !== null && Object.values(value).some(hasUnread)
}
