import { relative, resolve, sep } from 'node:path'
import { commandLine } from '#core/config/command-words.js'
import type { BotFiles } from '#core/init/bot-files.js'
import { commandOfWords } from '#core/init/command/command-of-line.js'
import { isPython, pythonOf } from '#core/init/command/python.js'
import { type FoundBot, isRefused } from '#core/init/found-bot.js'
import { countOf, quoteWord } from '#core/text.js'
import type { Pm2App } from './pm2-app.js'

/** Returns an app of pm2 as the bot of this home: its command, its settings, and what has no counterpart. */
export function takeOver(app: Pm2App, files: BotFiles): FoundBot {
  const words = wordsFor(app, files)
  const isElsewhere = app.folder !== files.folder
  const { taken, left, odd } = variablesFor(app)
  return {
    from: `pm2, ${app.name}`,
    isElsewhere,
    runner: { kind: 'pm2', name: app.name, pidFile: app.pidFile },
    words: isElsewhere ? inFolder(app.folder, words, files.platform) : words,
    settings: { BOT_NAME: app.name, ...taken, ...limitsOf(app) },
    notes: [
      ...(isElsewhere ? [`It runs in ${app.folder}, as under pm2, and so no version of it can be deployed here`] : []),
      ...(left.length > 0 ? [`Left out, as the terminal's own: ${left.join(', ')}`] : []),
      ...(odd.length > 0 ? [`Left out, since .env has no such names: ${odd.join(', ')}`] : []),
      ...(app.logs.length > 0
        ? [`Its log goes to data/logs/ from now on; the old one stays: ${[...new Set(app.logs)].join(', ')}`]
        : []),
      ...withoutCounterpart(app, files),
    ],
  }
}

function wordsFor(app: Pm2App, files: BotFiles): string[] {
  const { script, interpreter = interpreterOf(script), interpreterArgs, args } = app
  const manager = /(?:^|[\\/])(npm|yarn|pnpm|bun)(?:-cli)?(?:\.c?js|\.cmd)?$/.exec(script)?.[1]
  if (manager !== undefined) return packagesScript([manager, ...args], app.folder === files.folder ? files : undefined)
  if (!/[\\/]/.test(script) && !files.has(script)) return [script, ...args] // a program of PATH
  const within = relative(files.folder, resolve(files.folder, script))
  const isWithin = app.folder === files.folder && !within.startsWith('..') && !within.includes(`..${sep}`)
  const path = isWithin ? within.replaceAll(sep, '/') : script
  if (interpreter === 'none') return [isWithin && !path.includes('/') ? `./${path}` : path, ...args]
  const program = isPython(interpreter) && !interpreter.includes('/') ? pythonOf(files) : interpreter
  return [program, ...interpreterArgs, path, ...args]
}

/** Returns what a package manager's script runs, so that signals reach the bot; by the manager where that can't be told. */
function packagesScript(words: readonly string[], files: BotFiles | undefined): string[] {
  const command = files === undefined ? undefined : commandOfWords(words, files)
  return [...(command === undefined || isRefused(command) ? words : command.words)]
}

/** Returns the program that pm2 runs a script with where none is named. Source: pm2's `lib/API/interpreter.json`. */
function interpreterOf(script: string): string {
  const ending = /\.(\w+)$/.exec(script)?.[1] ?? ''
  return (
    { py: 'python3', sh: 'bash', php: 'php', rb: 'ruby', pl: 'perl', js: 'node', mjs: 'node', cjs: 'node' }[ending] ??
    'none'
  )
}

/** Returns a command that goes into a folder first, and then is the program: signals reach it. */
function inFolder(folder: string, words: readonly string[], platform: NodeJS.Platform): string[] {
  if (platform === 'win32') return ['cmd', '/c', `cd /d ${quoteWord(folder, platform)} && ${commandLine(words)}`]
  return [
    'sh',
    '-c',
    `cd ${quoteWord(folder, platform)} && exec ${words.map((word) => quoteWord(word, platform)).join(' ')}`,
  ]
}

/** pm2 asks by SIGINT, and gives 1.6 s. Source: its `lib/God/Methods.js` and `constants.js`. */
const STOP_SIGNAL = 'SIGINT'

function limitsOf({ maxMemoryBytes, killTimeoutMs, restartDelayMs }: Pm2App): Record<string, string> {
  return {
    BOT_STOP_SIGNAL: STOP_SIGNAL,
    ...(maxMemoryBytes !== undefined && {
      BOT_MAX_RSS_MB: String(Math.max(16, Math.round(maxMemoryBytes / 1024 ** 2))),
    }),
    ...(killTimeoutMs !== undefined && { BOT_STOP_TIMEOUT: String(killTimeoutMs / 1000) }),
    ...(restartDelayMs !== undefined && { SERVICE_RESTART_DELAY: String(restartDelayMs / 1000) }),
  }
}

/** Names that belong to a terminal or to pm2, not to the bot: pm2 keeps the whole environment that it was started in. */
const NOT_ITS_OWN =
  /^(_|PATH|HOME|SHELL|SHLVL|PWD|OLDPWD|USER|USERNAME|LOGNAME|MAIL|HOSTNAME|TERM.*|COLORTERM|COLUMNS|LINES|LS_COLORS|LESS.*|EDITOR|VISUAL|PAGER|LANG|LANGUAGE|LC_.*|XDG_.*|DBUS_.*|SSH_.*|SUDO_.*|DISPLAY|WAYLAND_.*|TMUX.*|STY|WINDOWID|GPG_.*|VSCODE_.*|INVOCATION_ID|JOURNAL_STREAM|NVM_.*|FNM_.*|VOLTA_.*|PYENV_.*|VIRTUAL_ENV.*|CONDA_.*|npm_.*|INIT_CWD|NODE|PM2_.*|PM_.*|pm_.*|NODE_APP_INSTANCE|NODE_CHANNEL_.*|unique_id|DEBIAN_FRONTEND|HIST.*|PS1|PROMPT.*|APPDATA|LOCALAPPDATA|SYSTEMROOT|SystemRoot|windir|ComSpec|COMSPEC|TEMP|TMP|USERPROFILE|PROGRAM.*|Program.*|PSModulePath|Path|PATHEXT|OS|PROCESSOR_.*|NUMBER_OF_PROCESSORS|CATALYST_.*)$/

interface Variables {
  readonly taken: Record<string, string>
  readonly left: readonly string[]
  /** Names that `.env` can't have. */
  readonly odd: readonly string[]
}

function variablesFor({ environment, name: app }: Pm2App): Variables {
  const names = Object.keys(environment).filter((name) => name !== app)
  const isUsual = (name: string) => /^[A-Za-z_][\w.]*$/.test(name)
  const isLeft = (name: string) => NOT_ITS_OWN.test(name)
  const own = names.filter((name) => isUsual(name) && !isLeft(name))
  return {
    taken: Object.fromEntries(own.map((name) => [name, environment[name] as string])),
    left: names.filter(isLeft),
    odd: names.filter((name) => !isUsual(name) && !isLeft(name)),
  }
}

const WITHOUT: Readonly<Record<string, string>> = {
  watch: 'a version is deployed, not watched for: catalyst deploy run',
  wait_ready: 'process.send("ready") is not read; its first proof within BOT_START_TIMEOUT counts',
  exp_backoff_restart_delay: 'crash after crash it waits longer by itself',
  max_restarts: 'crash after crash it waits longer by itself; see BOT_STARTS_PER_DAY',
  min_uptime: 'crash after crash it waits longer by itself',
  stop_exit_codes: 'exit codes 77 and 78 are not started again',
  shutdown_with_message: 'it is asked by a signal: BOT_STOP_SIGNAL, BOT_STOP_COMMAND',
  uid: "the bot runs as the home's owner",
  gid: "the bot runs as the home's owner",
  'autorestart: false': 'a bot that exits is started again',
}

function withoutCounterpart(
  { isCluster, instances, cronRestart, others }: Pm2App,
  { folder, platform }: BotFiles,
): string[] {
  const restart = `catalyst service restart --home ${quoteWord(folder, platform)}`
  return [
    ...(isCluster || instances > 1
      ? [
          `No counterpart: cluster mode${instances > 1 ? ` with ${countOf(instances, 'instance')}` : ''}; one process runs, and shares no port`,
        ]
      : []),
    ...(cronRestart === undefined
      ? []
      : [
          platform === 'win32'
            ? `No counterpart: cron_restart (${cronRestart}); in the Task Scheduler: ${restart}`
            : `No counterpart: cron_restart; in crontab -e: ${cronRestart} ${restart}`,
        ]),
    ...others.map((name) => `No counterpart: ${name}; ${WITHOUT[name] ?? 'it is left out'}`),
  ]
}
