import { posix, win32 } from 'node:path'

/** Ours alone: a bot has no business with them, and a leak of one would be ours. */
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

/**
 * What a bot sees: the process's environment over the home's `.env`, without our secrets, and what we add. The entries
 * of systemd and launchd name a PATH with their node first; a service of Windows has the machine's own, so it comes here.
 */
export function botEnvironment(
  environment: Readonly<Record<string, string>>,
  added: Readonly<Record<string, string>>,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  const seen = { ...(platform === 'win32' ? withNode(environment, platform) : environment), ...added }
  for (const name of WITHHELD) delete seen[name]
  return seen
}

/** Gives this process the environment that a bot in it is to see. */
export function adoptEnvironment(environment: Readonly<Record<string, string>>): void {
  for (const name of WITHHELD) delete process.env[name]
  Object.assign(process.env, environment)
}

/** With the folder of a node first in PATH: behind sudo, or in a service, that may hold another one, or none. */
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
