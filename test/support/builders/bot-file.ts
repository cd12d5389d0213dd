import type { BotFile } from '#core/home/bot-file.js'
import { thisProcess } from '#core/platform/process/process-id.js'

/** Returns what a bot that is this very process has in its file, with what differs from that. */
export function aBotFile(changes: Partial<BotFile> = {}): BotFile {
  return {
    ...thisProcess(),
    instance: 'x',
    since: '2026-01-31T08:00:00.000Z',
    version: '1.0.0',
    release: null,
    ...changes,
  }
}
