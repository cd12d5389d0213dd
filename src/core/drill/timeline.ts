import type { JournalEntry } from '#core/journal/journal.js'
import type { IncidentEvent } from '#core/watchdog/incidents.js'

/** One thing that happened in a drill. */
export interface DrillStep {
  /** Since its beginning. */
  readonly seconds: number
  readonly what: string
}

/** A line of the journal in words; undefined for what tells nothing here. */
export function journalStep({ kind, exit, pid, asked_by }: JournalEntry): string | undefined {
  switch (kind) {
    case 'bot.exit':
    case 'bot.crash':
      return `the bot ended with exit code ${exit}`
    case 'bot.stop':
      return `the bot was ended (${asked_by})`
    case 'bot.lost':
      return 'the bot was found to have been killed'
    case 'bot.start':
      return `another bot was started (pid ${pid})`
    default:
      return undefined
  }
}

export function incidentStep(name: string, { state, why }: IncidentEvent): string {
  switch (state) {
    case 'detected':
      return `the watchdog sees it: ${why} (incident ${name})`
    case 'restarting':
      return 'the evidence is kept; the watchdog ends the bot'
    case 'recovered':
      return 'the watchdog says: recovered'
    case 'needs you':
      return 'the watchdog gives up, and asks for a person'
  }
}
