import type { Logger } from 'pino'
import { alertChannels } from '#core/config/alerts/alert-channels.js'
import { readConfig } from '#core/config/load.js'
import type { Settings } from '#core/config/schema.js'
import { messageOf } from '#core/errors.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { type Clock, sleep, within } from '#core/platform/clock.js'
import { changedAt } from '#core/platform/fs/files.js'
import { actingAs, ownerOf } from '#core/platform/process/users.js'
import { type Alert, redacted } from './alert.js'
import { openChannel } from './channels/open-channel.js'
import { newsText } from './news-text.js'
import { asSender, type News } from './sender.js'
import { AlertSenders } from './senders.js'

export interface AlertQueueOptions {
  readonly paths: HomePaths
  /** The settings as they were at the start. Where they name no alert channel, the log has everything. */
  readonly settings: Settings
  /** Ids of Discord's messages that an older version has saved elsewhere, by the alert's id. */
  readonly messages: Readonly<Record<string, string>>
  readonly redact: (text: string) => string
  readonly log: Logger
}

/** The alerts of a home while a watchdog runs: it sends its own and those of deployments. */
export interface AlertQueue {
  /** Sends the alert of this id, or replaces it. It never fails, and returns at once. */
  show(id: string, alert: Alert): void
  /** Stops sending; what has not gone out waits for the next sender. */
  close(): Promise<void>
}

const RETRY_MS = 1000
/** The time that closing waits for a message that is on its way, so that the next sender knows of it. */
const UNDER_WAY_MS = 2000

/** Opens the queue, and sends in the background what waits in it. */
export function openAlertQueue(clock: Clock, options: AlertQueueOptions): AlertQueue {
  const { paths, redact, log, messages } = options
  const owner = ownerOf(paths.home)
  const settings = settingsNow(options)
  const senders = new AlertSenders(clock, {
    folder: paths.alerts,
    as: (work) => actingAs(owner, work),
    channels: () => alertChannels(settings()),
    open: (channel) => openChannel(channel, settings(), () => clock.now()),
    redact,
    onNews: (news) => log[levelOf(news)](newsText(news, clock.now())),
  })
  const end = new AbortController()
  const sending = sendUntil(end.signal)
  return {
    show(id, alert) {
      if (alertChannels(settings()).length === 0) return
      senders.inbox.add(id, clock.now(), redacted(alert, redact))
      senders.wake()
    },
    async close() {
      end.abort()
      await within(clock, UNDER_WAY_MS, sending)
    },
  }

  /** Sends until the signal aborts, whenever no command is the sender. */
  async function sendUntil(ended: AbortSignal): Promise<void> {
    let fault: string | undefined
    while (!ended.aborted) {
      try {
        await asSender(clock, { paths, owner, role: 'watchdog' }, () => senders.run(ended, { messages }))
        fault = undefined
      } catch (error) {
        if (fault !== messageOf(error)) log.error(`alerts can't be sent: ${messageOf(error)}`)
        fault = messageOf(error)
      }
      await sleep(clock, RETRY_MS, ended)
    }
  }
}

function levelOf(news: News): 'info' | 'warn' | 'error' {
  if (news.kind === 'given up') return 'error'
  return news.kind === 'failing' || (news.kind === 'fault' && news.why !== undefined) ? 'warn' : 'info'
}

/**
 * Returns what reads the current settings: a watchdog outlives those it was started with. It reads them only where they
 * have changed: each alert that waits asks for them every second.
 */
function settingsNow({ paths, settings }: AlertQueueOptions): () => Settings {
  let known = settings
  let readAt: number | undefined | null = null // not read so far
  return () => {
    try {
      const now = changedAt(paths.env)
      if (now === readAt) return known
      known = readConfig(paths.home, process.env).settings
      readAt = now
    } catch {
      // not readable at the moment
    }
    return known
  }
}
