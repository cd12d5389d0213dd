import { alertChannels } from './alerts/alert-channels.js'
import type { Config } from './load.js'
import { proofHints } from './proof/proof-settings.js'

/** Finds settings that work, but not together, or hardly as they were meant. */
export function adviceOf({ settings, origins }: Pick<Config, 'settings' | 'origins'>): string[] {
  const {
    BOT_CYCLE_SECONDS: cycle,
    WATCHDOG_CHECK_INTERVAL: interval,
    WATCHDOG_FREEZE_THRESHOLD: threshold,
    HEALTH_CHECK_HOST: host,
    METRICS_FILE: metrics,
  } = settings
  const when = (is: boolean, text: string) => (is ? [text] : [])
  const isModule = settings.BOT_COMMAND === undefined
  const isWatched = settings.WATCHDOG_ENABLED
  const missing = ['.env', 'data'].filter((path) => !settings.DEPLOY_SHARED_PATHS.includes(path))
  const isOn = settings.HEALTH_CHECK_ENABLED && settings.FEATURE_HEALTH_ENDPOINT
  return [
    ...proofHints(settings),
    ...when(
      isModule && (settings.BOT_STOP_COMMAND !== undefined || settings.BOT_STOP_SIGNAL !== 'auto'),
      'BOT_STOP_COMMAND and BOT_STOP_SIGNAL are for programs: a module stops by its signal and its stop(). Remove them',
    ),
    ...when(
      isOn && !isLoopback(host) && settings.HEALTH_TOKEN === undefined,
      `HEALTH_CHECK_HOST lets other machines in, which get only ping without a HEALTH_TOKEN. Set one, or HEALTH_CHECK_HOST=127.0.0.1`,
    ),
    ...when(
      isWatched && threshold < interval,
      `WATCHDOG_FREEZE_THRESHOLD (${threshold} s) is shorter than WATCHDOG_CHECK_INTERVAL (${interval} s), so a freeze is noticed only after that. Set WATCHDOG_CHECK_INTERVAL=${threshold} or less`,
    ),
    ...when(
      isModule && origins.WATCHDOG_FREEZE_THRESHOLD !== 'default' && threshold < cycle,
      `WATCHDOG_FREEZE_THRESHOLD (${threshold} s) is shorter than BOT_CYCLE_SECONDS (${cycle} s): a single cycle that takes ${threshold} s longer than usual makes the bot unhealthy. Set WATCHDOG_FREEZE_THRESHOLD=${cycle} or more`,
    ),
    ...when(
      isWatched &&
        alertChannels(settings).length === 0 &&
        (settings.WATCHDOG_MAX_RESTARTS === 0 || !settings.WATCHDOG_RESTART_ON_FREEZE),
      'The watchdog only alerts, and no alert channel is set: nobody would hear of a frozen bot. Set ALERT_CHANNELS, or WATCHDOG_RESTART_ON_FREEZE=1 and WATCHDOG_MAX_RESTARTS=3',
    ),
    ...when(
      settings.ADMIN_ALERT_WEBHOOK !== undefined && !alertChannels(settings).includes('discord'),
      'ADMIN_ALERT_WEBHOOK is set, but ALERT_CHANNELS leaves out discord: no alert goes there. Add discord, or remove ADMIN_ALERT_WEBHOOK',
    ),
    ...when(
      metrics !== undefined && !metrics.endsWith('.prom'),
      `METRICS_FILE does not end in .prom: node exporter reads no other files. Set METRICS_FILE=${metrics}.prom`,
    ),
    ...when(
      metrics !== undefined && !isWatched,
      'METRICS_FILE is written by the watchdog, which is switched off. Set WATCHDOG_ENABLED=1',
    ),
    ...when(
      settings.HEARTBEAT_URL !== undefined && !isWatched,
      'HEARTBEAT_URL is called by the watchdog, which is switched off: the monitor will alert. Set WATCHDOG_ENABLED=1',
    ),
    ...when(
      missing.length > 0,
      `DEPLOY_SHARED_PATHS leaves out ${missing.join(' and ')}: each release would have its own. Write DEPLOY_SHARED_PATHS=${[...missing, ...settings.DEPLOY_SHARED_PATHS].join(',')}`,
    ),
  ]
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1|\[::1\])$/i.test(host)
}
