import { isUnexpectedExit } from './bot-exits.js'
import type { JournalEntry } from './journal.js'

/**
 * What can lead to a start: a deployment, a person who starts or restarts the service, the watchdog, an exit that nobody
 * asked for; `other` is the rest, as the boot of the machine, or a person in a terminal.
 */
export const START_REASONS = ['deployment', 'person', 'watchdog', 'exit', 'other'] as const
export type StartReason = (typeof START_REASONS)[number]

/** Returns what led to the start that is about to be written down: what the journal has since the start before. */
export function startReason(entries: readonly JournalEntry[]): StartReason {
  const before = entries.findLastIndex(({ kind, once }) => kind === 'bot.start' && once !== true)
  const since = entries.slice(before + 1)
  const [reason = 'other'] = START_REASONS.filter((one) => since.some((entry) => leadsTo(one, entry)))
  return reason
}

/** Returns whether a person has started the bot's service here, or restarted it. */
export function isStartByPerson({ kind, role }: JournalEntry): boolean {
  return (kind === 'service.start' || kind === 'service.restart') && role === 'bot'
}

/** Returns whether a deployment, also one that is undone, begins to restart the bot here. */
export function isRestartByDeployment({ kind, step, state }: JournalEntry): boolean {
  return kind === 'deploy.step' && step === 'restart' && (state === 'begin' || state === 'undoing')
}

function leadsTo(reason: StartReason, entry: JournalEntry): boolean {
  switch (reason) {
    case 'deployment':
      return isRestartByDeployment(entry)
    case 'person':
      return isStartByPerson(entry)
    case 'watchdog':
      return entry.kind === 'incident' && entry.state === 'restarting'
    case 'exit':
      return isUnexpectedExit(entry)
    case 'other':
      return false
  }
}
