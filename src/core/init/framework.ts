import type { BotFiles } from './bot-files.js'
import { npmDependencies } from './npm-package.js'

/** The way in which a framework's bot is connected, which decides its proof. */
type Kind = 'connection' | 'telegram' | 'server' | 'freqtrade' | 'reports'

export interface Framework {
  readonly name: string
  readonly kind: Kind
}

interface Known extends Framework {
  /** Its packages, of npm or of Python. */
  readonly packages: readonly string[]
}

/** Frameworks by their packages. A chat's come first: many such bots have a web server, too, only to be kept awake. */
const FRAMEWORKS: readonly Known[] = [
  { name: 'discord.js', kind: 'connection', packages: ['discord.js', 'eris', 'oceanic.js', '@discordjs/ws'] },
  {
    name: 'discord.py',
    kind: 'connection',
    packages: ['discord.py', 'discord', 'py-cord', 'nextcord', 'disnake', 'hikari', 'interactions.py'],
  },
  { name: 'telegraf', kind: 'telegram', packages: ['telegraf'] },
  { name: 'grammY', kind: 'telegram', packages: ['grammy'] },
  { name: 'node-telegram-bot-api', kind: 'telegram', packages: ['node-telegram-bot-api'] },
  { name: 'python-telegram-bot', kind: 'telegram', packages: ['python-telegram-bot'] },
  { name: 'aiogram', kind: 'telegram', packages: ['aiogram'] },
  { name: 'pyTelegramBotAPI', kind: 'telegram', packages: ['pytelegrambotapi'] },
  { name: 'freqtrade', kind: 'freqtrade', packages: ['freqtrade'] },
  { name: 'limnoria', kind: 'connection', packages: ['limnoria'] },
  { name: 'IRC', kind: 'connection', packages: ['irc', 'irc-framework', 'matrix-org-irc', 'pydle', 'irc3'] },
  { name: 'Matrix', kind: 'connection', packages: ['matrix-js-sdk', 'matrix-bot-sdk', 'matrix-nio', 'mautrix'] },
  { name: 'Slack Bolt', kind: 'connection', packages: ['@slack/socket-mode'] },
  { name: 'Twitch', kind: 'connection', packages: ['tmi.js', 'twitchio'] },
  {
    name: 'a websocket',
    kind: 'connection',
    packages: ['ws', 'websockets', 'websocket-client', 'reconnecting-websocket'],
  },
  {
    name: 'a web server',
    kind: 'server',
    packages: [
      'express',
      'fastify',
      'koa',
      'hono',
      '@hapi/hapi',
      'flask',
      'fastapi',
      'starlette',
      'uvicorn',
      'quart',
      'sanic',
    ],
  },
]

const BOLT = ['@slack/bolt', 'slack-bolt']

/** Returns the framework of a bot, by the packages that it depends on and by its main file. */
export function frameworkOf(files: BotFiles, words: readonly string[]): Framework | undefined {
  const main = mainText(files, words)
  if (main.includes('CATALYST_REPORT_URL')) return { name: 'CATALYST_REPORT_URL', kind: 'reports' }
  const packages = packagesOf(files)
  const has = (name: string) => packages.has(name)
  if (BOLT.some(has)) {
    // without socket mode Slack calls it, and it has no connection of its own
    const isSocket = /socketMode|SocketModeHandler|SLACK_APP_TOKEN/.test(main)
    return { name: 'Slack Bolt', kind: isSocket ? 'connection' : 'server' }
  }
  const found = FRAMEWORKS.find((one) => one.packages.some(has) || (one.name === 'limnoria' && words[0] === 'limnoria'))
  return found && { name: found.name, kind: found.kind }
}

/** Returns the text of the file that a command runs. */
export function mainText(files: BotFiles, words: readonly string[]): string {
  const path = words.find((word) => /\.(?:[cm]?[jt]s|py)$/.test(word) && !word.startsWith('-'))
  const module = words[words.indexOf('-m') + 1]
  const places = path
    ? [path]
    : words.includes('-m') && module
      ? [`${module.replaceAll('.', '/')}.py`, `${module}/__main__.py`]
      : []
  return places.map((place) => files.text(place) ?? '').join('\n')
}

/** Returns the packages that a bot depends on, in lower case. */
function packagesOf(files: BotFiles): ReadonlySet<string> {
  const ofPython = ['requirements.txt', 'requirements.in'].flatMap((name) =>
    (files.text(name) ?? '').split('\n').map((line) => /^\s*([\w.-]+)/.exec(line)?.[1] ?? ''),
  )
  const inProject = [
    ...(files.text('pyproject.toml') ?? '').matchAll(/^\s*["']?([\w.-]+)(?:\[[\w,-]+\])?["']?\s*(?:[=<>~!,;"']|$)/gm),
  ]
  return new Set(
    [...npmDependencies(files), ...ofPython, ...inProject.map(([, name = '']) => name)].map(normal).filter(Boolean),
  )
}

/** Returns a package's name as it is compared: Python takes `_` for `-` (PEP 503). */
function normal(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}
