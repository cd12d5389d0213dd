import type { ProcessId } from '#core/system/processes.js'
import { type Holder, readHolderNow } from './lock.js'

/**
 * `.catalyst/state/bot.json`: the running bot of this home, and at the same time the lock that lets no second one in.
 * It holds the control address, so the owner alone may read it.
 */
export interface BotFile extends Holder {
  /** Wall time of the start, ISO 8601. */
  readonly since: string
  readonly version: string
  readonly release: string | null
  /** The health endpoint, once it listens. */
  readonly endpoint?: { readonly host: string; readonly port: number }
  /** Where the bot can be asked to end, with a secret in its path. */
  readonly control?: string
  /** The program that runs as the bot, once it does. */
  readonly program?: ProcessId
  /** Bots of before that were killed, oldest first: what they have left running is yet to be ended. */
  readonly unended?: readonly Unended[]
}

/** What is known of a bot that was killed. */
export type Unended = Pick<BotFile, 'pid' | 'since' | 'instance' | 'program'>

export function readBotFile(path: string): BotFile | undefined {
  return readHolderNow<BotFile>(path)
}
