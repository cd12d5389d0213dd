import { Flags } from '@oclif/core'
import { BaseCommand } from '#cli/base-command.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { LogLine, LogQuery } from '#core/logging/log-query.js'

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
    {
      description: 'For a machine:',
      command: '<%= config.bin %> <%= command.id %> --since 2026-01-31 --grep RPRX --json',
    },
  ]
  static override flags = {
    level: Flags.string({
      summary: 'The least level: debug, info, warning, error or critical.',
      helpValue: 'LEVEL',
      default: 'trace',
    }),
    since: Flags.string({ summary: 'From then on: 90s, 15m, 2h, 3d, or a date and time.', helpValue: 'TIME' }),
    grep: Flags.string({
      summary: 'Only lines that match this regular expression; case does not matter.',
      helpValue: 'PATTERN',
    }),
    lines: Flags.integer({
      char: 'n',
      summary: `How many of the newest lines. Default: ${LINES}, or all with --since.`,
      min: 0,
    }),
    follow: Flags.boolean({ char: 'f', summary: 'Go on with the lines that come, until Ctrl-C.' }),
    json: Flags.boolean({ summary: 'The lines as they are in the files, one JSON object each.' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Logs)
    const { logs } = this.paths(flags)
    const query = await this.query(flags)
    const show = await this.printer(flags.json)
    const { readLogs } = await import('#core/logging/read-logs.js')
    const newest = flags.lines ?? (flags.since === undefined ? LINES : undefined)
    if (!flags.follow) {
      let shown = 0
      for await (const line of readLogs(logs, query, {}, newest)) {
        show(line)
        shown++
      }
      if (shown === 0) this.logToStderr(`No lines in ${logs} match.`)
      return
    }
    const { followLogs } = await import('#core/logging/follow-logs.js')
    const { realSystem } = await import('#core/system/system.js')
    const following = followLogs(realSystem.clock, logs)
    const end = new AbortController()
    const keepAlive = setInterval(() => {}, 1e6)
    process.once('SIGINT', () => end.abort()).once('SIGTERM', () => end.abort())
    process.stdout.on('error', () => end.abort())
    for await (const line of readLogs(logs, query, following.ends, newest)) show(line)
    for await (const line of following.lines(query, end.signal)) show(line)
    clearInterval(keepAlive)
  }

  private async query(flags: {
    level: string
    since?: string | undefined
    grep?: string | undefined
  }): Promise<LogQuery> {
    const { levelNumber, parseSince } = await import('#core/logging/log-query.js')
    const level = levelNumber(flags.level)
    if (level === undefined) throw wrong('--level', 'is debug, info, warning, error or critical')
    const sinceMs = flags.since === undefined ? 0 : parseSince(flags.since, Date.now())
    if (sinceMs === undefined)
      throw wrong('--since', 'is a time ago such as 90s, 15m, 2h or 3d, or a date such as 2026-01-31T08:00')
    try {
      return { level, sinceMs, grep: flags.grep === undefined ? undefined : new RegExp(flags.grep, 'i') }
    } catch {
      throw wrong('--grep', 'is a regular expression')
    }
  }

  private async printer(json: boolean): Promise<(line: LogLine) => void> {
    if (json) return (line) => this.log(line.text)
    const { plainLine } = await import('#core/logging/plain.js')
    const colour = process.stdout.isTTY === true && !process.env.NO_COLOR
    return (line) => this.log(plainLine(line.text, colour))
  }
}

function wrong(flag: string, expected: string): CatalystError {
  return new CatalystError(`${flag} ${expected}.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: ['See: catalyst logs --help'],
  })
}
