import { Flags } from '@oclif/core'
import { BaseCommand, fullFlag } from '#cli/base-command.js'
import { Rows } from '#cli/rows.js'
import { type JournalEntry, readJournal } from '#core/journal/journal.js'
import { harmless } from '#core/logging/read/plain.js'
import { realClock } from '#core/platform/clock.js'
import { localTime } from '#core/text.js'

const LINES = 100

export default class History extends BaseCommand {
  static override summary = 'Show what happened: starts, exits, incidents, deployments, backups.'
  static override description =
    `Reads the journal of the home. Without --since it shows the newest ${LINES} entries. The steps of deployments are shown with --kind deploy.step.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --since 24h',
    '<%= config.bin %> <%= command.id %> --kind deploy --since 7d',
    '<%= config.bin %> <%= command.id %> --kind bot.crash --json',
  ]
  static override enableJsonFlag = true
  static override flags = {
    since: Flags.string({
      summary: 'Only what happened since then: 90s, 15m, 2h or 3d ago, or a date and time.',
      helpValue: 'TIME',
    }),
    kind: Flags.string({
      summary: 'Only one kind, such as bot.crash, or a group of them, such as deploy.',
      helpValue: 'KIND',
    }),
    full: fullFlag,
  }

  async run(): Promise<readonly JournalEntry[]> {
    const { flags } = await this.parse(History)
    const { entryText, timeline } = await import('#core/journal/timeline.js')
    const { sinceOf } = await import('#core/logging/read/log-query.js')
    const paths = this.pathsToRead(flags)
    const sinceMs = flags.since === undefined ? undefined : sinceOf(flags.since, realClock.now(), 'history')
    const { entries, damaged } = readJournal(paths.journal)
    if (damaged > 0) this.logToStderr(`${damaged} damaged lines of ${paths.journal} are left out.`)
    const found = timeline(entries, { kind: flags.kind, sinceMs })
    const shown = sinceMs === undefined ? found.slice(-LINES) : found
    const rows = new Rows(flags.full)
    if (!this.jsonEnabled())
      for (const entry of shown) rows.print(`${localTime(entry.time)}  ${harmless(entryText(entry))}`)
    this.sayCut(rows, 'catalyst history')
    if (shown.length === 0) this.logToStderr(nothing(flags))
    return shown
  }
}

function nothing({ kind, since }: { kind?: string | undefined; since?: string | undefined }): string {
  if (kind === undefined) return since === undefined ? 'Nothing has happened yet.' : 'Nothing has happened since then.'
  return `Nothing of that kind has happened${since === undefined ? '' : ' since then'}.`
}
