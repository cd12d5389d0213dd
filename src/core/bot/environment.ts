import { posix, win32 } from 'node:path'
import { isOwnNode } from '#core/platform/package.js'

/** The variables of Catalyst alone: a bot does not need them, and could leak them. */
const WITHHELD = [
  'ADMIN_ALERT_WEBHOOK',
  'CATALYST_CHILD',
  'CATALYST_SERVICE',
  'CATALYST_UNFINISHED',
  'HEALTH_TOKEN',
  'HEARTBEAT_URL',
  'NOTIFY_SOCKET',
  'WATCHDOG_USEC',
  'WATCHDOG_PID',
]

/** The secrets of alert channels, withheld where ALERT_CHANNELS is set: else a bot may have settings of these names. */
const OF_ALERTS = [
  'ALERT_EMAIL_SMTP',
  'ALERT_NTFY_TOKEN',
  'ALERT_NTFY_URL',
  'ALERT_SLACK_WEBHOOK',
  'ALERT_TELEGRAM_TOKEN',
  'ALERT_WEBHOOK_SECRET',
  'ALERT_WEBHOOK_URL',
]

/** The secrets of backups, withheld where BACKUP_REPOSITORY is set: who has them could remove the backups. */
const OF_BACKUPS = ['BACKUP_PASSWORD', 'BACKUP_S3_KEY_ID', 'BACKUP_S3_SECRET_KEY']

function withheldOf(seen: Readonly<Record<string, string | undefined>>): readonly string[] {
  const isSet = (name: string) => (seen[name] ?? '').trim() !== ''
  return [...WITHHELD, ...(isSet('ALERT_CHANNELS') ? OF_ALERTS : []), ...(isSet('BACKUP_REPOSITORY') ? OF_BACKUPS : [])]
}

/**
 * Returns the environment of a bot: the process's environment over the home's `.env`, without our secrets, and with
 * what we add. The entries of systemd and launchd name a PATH with their node first; a service of Windows has the
 * machine's own, so it comes here. The node of a self-contained installation is none of the bot's.
 */
export function botEnvironment(
  environment: Readonly<Record<string, string>>,
  added: Readonly<Record<string, string>>,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  const seen = { ...(platform === 'win32' && !isOwnNode() ? withNode(environment, platform) : environment), ...added }
  for (const name of withheldOf(seen)) delete seen[name]
  return seen
}

/** Sets the environment of this process to that of a bot in it. */
export function adoptEnvironment(environment: Readonly<Record<string, string>>): void {
  for (const name of withheldOf({ ...process.env, ...environment })) delete process.env[name]
  Object.assign(process.env, environment)
}

/**
 * Returns the environment with the folder of a node first in PATH: behind sudo, or in a service, PATH may have another
 * node, or none.
 */
export function withNode(
  environment: Readonly<Record<string, string>>,
  platform: NodeJS.Platform = process.platform,
  node = process.execPath,
): Record<string, string> {
  const { delimiter, dirname } = platform === 'win32' ? win32 : posix
  // Windows calls it `Path`; beside another `PATH` that one would be lost
  const isPath = (name: string) => (platform === 'win32' ? name.toUpperCase() : name) === 'PATH'
  const entries = Object.entries(environment)
  const rest = entries.filter(([name]) => !isPath(name))
  const folders = entries.flatMap(([name, value]) => (isPath(name) ? value.split(delimiter) : []))
  const path = [dirname(node), ...folders.filter((folder) => folder !== '')]
  return { ...Object.fromEntries(rest), PATH: [...new Set(path)].join(delimiter) }
}

/** Returns PATH, which Windows calls `Path`. */
export function pathOf(environment: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(environment).find(([name]) => name === 'PATH' || name === 'Path')?.[1]
}
