import { Flags } from '@oclif/core'
import { BaseCommand, fullFlag } from '#cli/base-command.js'
import { Rows } from '#cli/rows.js'
import { hasColors, printJsonLine } from '#cli/screen.js'
import { foldersOf, jsonOf, labeled, widestLabel } from '#cli/status/logs-of-all.js'
import { messageOf } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import type { LogFolder } from '#core/logging/read/open-logs.js'
import { coloredLine } from '#core/logging/read/plain.js'
import { realClock } from '#core/platform/clock.js'
import { isForAnother } from '#core/platform/process/users.js'

const LINES = 100

export default class Logs extends BaseCommand {
  static override summary = "Show the bot's and the watchdog's logs, merged by time."
  static override description = 'Reads rotated and compressed files too. Without --since it shows the newest lines.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --follow',
    {
      description: 'What went wrong last night:',
      command: '<%= config.bin %> <%= command.id %> --level warning --since 12h',
    },
    { description: 'Of all bots of this machine:', command: '<%= config.bin %> <%= command.id %> --all --follow' },
    {
      description: 'For a script:',
      command: '<%= config.bin %> <%= command.id %> --since 2026-01-31 --grep RPRX --json',
    },
  ]
  static override flags = {
    level: Flags.string({
      summary: 'Lowest level to show: trace, debug, info, warning, error or critical.',
      helpValue: 'LEVEL',
      default: 'trace',
    }),
    since: Flags.string({
      summary: 'Only lines since then: 90s, 15m, 2h or 3d ago, or a date and time.',
      helpValue: 'TIME',
    }),
    grep: Flags.string({
      summary: 'Only lines that match this regular expression; case does not matter.',
      helpValue: 'PATTERN',
    }),
    lines: Flags.integer({
      char: 'n',
      summary: `How many of the newest lines. Default: ${LINES}, or all with --since.`,
      min: 0,
      helpValue: 'NUMBER',
    }),
    follow: Flags.boolean({ char: 'f', summary: 'Keep showing new lines, until Ctrl-C.' }),
    all: Flags.boolean({ summary: 'The logs of all bots of this machine, as ls lists them.', exclusive: ['home'] }),
    full: fullFlag,
    json: Flags.boolean({ summary: 'The lines as they are in the files, one JSON object each.' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Logs)
    const folders = flags.all ? await this.#allFolders() : [{ folder: this.pathsToRead(flags).logs }]
    const { queryOf } = await import('#core/logging/read/log-query.js')
    const { showLogs } = await import('#core/logging/read/show-logs.js')
    const isColored = hasColors()
    process.stdout.on('error', () => process.exit()) // the reader, such as head, has closed the pipe
    const end = new AbortController()
    if (flags.follow) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end.abort())
    const rows = new Rows(flags.full)
    const width = widestLabel(folders)
    let shown = 0
    for await (const line of showLogs(realClock, {
      folders,
      query: queryOf(flags, realClock.now()),
      newest: flags.lines ?? (flags.since === undefined ? LINES : undefined),
      followUntil: flags.follow ? end.signal : undefined,
      onUnreadable: (path, error) => this.logToStderr(`${path} can't be read any further: ${messageOf(error)}`),
    })) {
      shown++
      if (flags.json) {
        printJsonLine(line.bot ? jsonOf(line.text, line.bot) : line.text)
        continue
      }
      const { text, color } = coloredLine(line.text)
      rows.print(line.bot ? labeled(text, line.bot, width) : text, isColored ? color : undefined)
    }
    this.sayCut(rows, flags.all ? 'catalyst logs --all' : 'catalyst logs')
    if (shown > 0 || flags.follow) return
    const isAll = flags.grep === undefined && flags.since === undefined && flags.lines !== 0 && flags.level === 'trace'
    const where = flags.all ? 'the homes of this machine' : folders[0]?.folder
    this.logToStderr(isAll ? `Nothing is logged in ${where} yet.` : `No lines in ${where} match.`)
  }

  /** Returns the log folders of all homes. Root reads none of another user's: links in it would lead root anywhere. */
  async #allFolders(): Promise<LogFolder[]> {
    const { openHomes } = await import('#core/condition/overview.js')
    const { readFullConfig } = await import('#bots/config.js')
    const homes = openHomes(realClock, readFullConfig)
    for (const { owner, paths } of homes.filter(isOthers))
      this.logToStderr(`The logs of ${paths.home} are left out: ask as their owner, ${owner.name}.`)
    return foldersOf(homes.filter((home) => !isOthers(home)))
  }
}

function isOthers({ owner }: Home): boolean {
  return isForAnother(owner)
}
