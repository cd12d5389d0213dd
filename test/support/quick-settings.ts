/** The times of a home whose bot is supervised: short enough for a test, long enough for a busy machine. */
export const QUICK_SETTINGS = {
  BOT_START_TIMEOUT: '20',
  BOT_STOP_TIMEOUT: '2',
  WATCHDOG_ENABLED: '1',
  WATCHDOG_CHECK_INTERVAL: '1',
  WATCHDOG_FREEZE_THRESHOLD: '20',
  SERVICE_RESTART_DELAY: '0.2',
  DEPLOY_SETTLE_SECONDS: '0.5',
}
