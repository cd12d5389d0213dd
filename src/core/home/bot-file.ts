import type { ProcessId } from '#core/platform/process/process-id.js'
import { type Holder, readHolderNow } from './lock.js'

/**
 * The content of `.catalyst/state/bot.json`: the running bot of this home, and at the same time the lock that admits no
 * second one. It holds the control address, so only the owner can read it.
 */
export interface BotFile extends Holder {
  /** The wall time of the start, ISO 8601. */
  readonly since: string
  readonly version: string
  readonly release: string | null
  /** The supervisor that started it, if that is a watchdog: if it dies, the next one takes the bot over. */
  readonly supervisor?: 'watchdog'
  /** The health endpoint, once it listens. */
  readonly endpoint?: { readonly host: string; readonly port: number }
  /**
   * The address of the control server, where our own clients ask the bot for its health, to stop, and to fail; with a
   * secret in its path.
   */
  readonly control?: string
  /** The program that runs as the bot, once it does. */
  readonly program?: ProcessId
  /** Earlier bots that were killed, oldest first: what they left running is still to be stopped. */
  readonly unended?: readonly Unended[]
}

/** The known facts of a bot that was killed. */
export type Unended = Pick<BotFile, 'pid' | 'since' | 'instance' | 'program'>

export function readBotFile(path: string): BotFile | undefined {
  return readHolderNow<BotFile>(path)
}

/** Returns an address below the control address, if that is known and on this machine: a file can say anything. */
export function controlUrl({ control }: BotFile, path: string): string | undefined {
  return control !== undefined && /^http:\/\/127\.0\.0\.1:\d+\//.test(control) ? control + path : undefined
}
