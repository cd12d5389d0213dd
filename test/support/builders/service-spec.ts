import type { ServiceSpec } from '#core/service/manager.js'

/** Returns a bot's service in a home, as it is to be, with what differs from that. */
export function aServiceSpec(changes: Partial<ServiceSpec> = {}): ServiceSpec {
  const { home = '/srv/bot' } = changes
  return {
    name: 'NewsBot',
    role: 'bot',
    home,
    description: 'NewsBot, managed by catalyst',
    program: '/usr/bin/node',
    args: ['/usr/lib/node_modules/catalyst-bot/bin/run.js', 'bot', 'start', '--home', home],
    environment: { PATH: '/usr/bin:/bin', CATALYST_SERVICE: 'NewsBot' },
    account: undefined,
    stdout: `${home}/data/logs/service_stdout.log`,
    stderr: `${home}/data/logs/service_stderr.log`,
    restartDelayMs: 10_000,
    startTimeoutMs: 330_000,
    stopTimeoutMs: 30_000,
    watchdogMs: 300_000,
    ...changes,
  }
}
