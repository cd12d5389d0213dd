import { Flags } from '@oclif/core'
import { BaseCommand } from '#cli/base-command.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import type { LogLine, LogQuery } from '#core/logging/log-query.js'
import type { OpenLog } from '#core/logging/open-logs.js'

const LINES = 100

type Lines = AsyncIterable<LogLine> | Iterable<LogLine>

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
    }),
    follow: Flags.boolean({ char: 'f', summary: 'Keep showing new lines, until Ctrl-C.' }),
    json: Flags.boolean({ summary: 'The lines as they are in the files, one JSON object each.' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Logs)
    const { logs } = this.paths(flags)
    const query = await this.query(flags)
    const show = await this.printer(flags.json)
    process.stdout.on('error', () => process.exit()) // whoever read it, such as head, has had enough
    const { closeLogs, openLogs } = await import('#core/logging/open-logs.js')
    const { readLogs, readNewest } = await import('#core/logging/read-logs.js')
    const opened = openLogs(logs)
    const newest = flags.lines ?? (flags.since === undefined ? LINES : undefined)
    const lines =
      newest === undefined
        ? readLogs(opened, query, this.unreadable)
        : await readNewest(opened, query, newest, this.unreadable)
    if (flags.follow) return await this.follow(lines, opened, query, show)
    if ((await showAll(lines, show)) === 0) this.logToStderr(`No lines in ${logs} match.`)
    closeLogs(opened)
  }

  /** Shows the lines that are there, then those that come, until it is asked to end. */
  private async follow(lines: Lines, opened: OpenLog[], query: LogQuery, show: (line: LogLine) => void): Promise<void> {
    const { followLogs } = await import('#core/logging/follow-logs.js')
    const { realSystem } = await import('#core/system/system.js')
    const end = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end.abort())
    await showAll(lines, show, end.signal)
    await showAll(followLogs(realSystem.clock, opened, query, this.unreadable, end.signal), show, end.signal)
  }

  private readonly unreadable = (path: string, error: unknown): void =>
    this.logToStderr(`${path} can't be read any further: ${messageOf(error)}`)

  private async query(flags: {
    level: string
    since?: string | undefined
    grep?: string | undefined
  }): Promise<LogQuery> {
    const { levelNumber } = await import('#core/logging/levels.js')
    const { parseSince } = await import('#core/logging/log-query.js')
    const level = levelNumber(flags.level)
    if (level === undefined) throw wrong('--level', 'must be trace, debug, info, warning, error or critical')
    const sinceMs = flags.since === undefined ? 0 : parseSince(flags.since, Date.now())
    if (sinceMs === undefined)
      throw wrong('--since', 'must be a time ago such as 90s, 15m, 2h or 3d, or a date such as 2026-01-31T08:00')
    try {
      return { level, sinceMs, grep: flags.grep === undefined ? undefined : new RegExp(flags.grep, 'i') }
    } catch {
      throw wrong('--grep', 'must be a regular expression')
    }
  }

  private async printer(json: boolean): Promise<(line: LogLine) => void> {
    if (json) return (line) => this.log(line.text)
    const { plainLine } = await import('#core/logging/plain.js')
    const colour = process.stdout.isTTY === true && !process.env.NO_COLOR
    return (line) => this.log(plainLine(line.text, colour))
  }
}

/** The answer is how many there were. */
async function showAll(lines: Lines, show: (line: LogLine) => void, signal?: AbortSignal): Promise<number> {
  let shown = 0
  for await (const line of lines) {
    if (signal?.aborted) break
    show(line)
    shown++
  }
  return shown
}

function wrong(flag: string, expected: string): CatalystError {
  return new CatalystError(`${flag} ${expected}.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: ['See: catalyst logs --help'],
  })
}
