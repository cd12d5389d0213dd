/** Ours alone: a bot has no business with them, and a leak of one would be ours. */
const WITHHELD = [
  'ADMIN_ALERT_WEBHOOK',
  'CATALYST_CHILD',
  'CATALYST_SERVICE',
  'HEALTH_TOKEN',
  'HEARTBEAT_URL',
  'NOTIFY_SOCKET',
  'WATCHDOG_USEC',
  'WATCHDOG_PID',
]

/** What a bot sees: the process's environment over the home's `.env`, without our secrets, and what we add. */
export function botEnvironment(
  environment: Readonly<Record<string, string>>,
  added: Readonly<Record<string, string>>,
): Record<string, string> {
  const seen = { ...environment, ...added }
  for (const name of WITHHELD) delete seen[name]
  return seen
}

/** Gives this process the environment that a bot in it is to see. */
export function adoptEnvironment(environment: Readonly<Record<string, string>>): void {
  for (const name of WITHHELD) delete process.env[name]
  Object.assign(process.env, environment)
}
