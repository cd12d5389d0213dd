import type { IncidentEvent } from '#core/incidents/store.js'
import type { JournalEntry } from '#core/journal/journal.js'

/** An event in a drill. */
export interface DrillStep {
  /** The time since the beginning of the drill. */
  readonly seconds: number
  readonly what: string
}

/** Returns an entry of the journal in words; undefined for an entry that says nothing about the drill. */
export function journalStep({ kind, exit, pid, asked_by }: JournalEntry): string | undefined {
  switch (kind) {
    case 'bot.exit':
    case 'bot.crash':
      return `the bot exited with code ${exit}`
    case 'bot.stop':
      return `the bot was stopped (${asked_by})`
    case 'bot.lost':
      return 'the bot was found to have been killed'
    case 'bot.start':
      return `another bot was started (pid ${pid})`
    default:
      return undefined
  }
}

/** Returns an event of an incident in words. */
export function incidentStep(name: string, { state, why }: IncidentEvent): string {
  switch (state) {
    case 'detected':
      return `the watchdog detects it: ${why} (incident ${name})`
    case 'restarting':
      return 'the evidence is saved; the watchdog stops the bot'
    case 'recovered':
      return 'the watchdog says: recovered'
    case 'needs_attention':
      return 'the watchdog gives up: the incident needs attention'
  }
}
