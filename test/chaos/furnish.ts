import type { TestRepository } from '../support/deploy/repository.js'
import { moduleFiles, programFiles, type Setting, type Version } from './versions.js'

/** What all homes of the lab have in their `.env`. Times are in seconds of the home's clock. */
export function settingsOf(name: string, speed: number, isModule: boolean, webhook: string): Record<string, string> {
  return {
    ...(isModule ? { BOT_MODULE: 'bot.mjs' } : { BOT_COMMAND: `"${process.execPath}" program.mjs` }),
    BOT_NAME: name,
    BOT_PROOF: isModule ? 'auto' : 'report',
    BOT_CYCLE_SECONDS: String(0.1 * speed),
    BOT_START_TIMEOUT: String(15 * speed),
    BOT_STOP_TIMEOUT: String(2 * speed),
    SERVICE_RESTART_DELAY: String(0.2 * speed),
    WATCHDOG_ENABLED: '1',
    WATCHDOG_CHECK_INTERVAL: String(0.4 * speed),
    WATCHDOG_FREEZE_THRESHOLD: String(5 * speed),
    WATCHDOG_MAX_RESTARTS: '1000',
    DEPLOY_SETTLE_SECONDS: String(0.6 * speed),
    ADMIN_ALERT_WEBHOOK: webhook,
  }
}

/** Commits and tags the versions, and leaves the first of them in the work tree. */
export function commitVersions(
  repository: TestRepository,
  versions: readonly Version[],
  isModule: boolean,
  setting: Setting,
): void {
  repository.commit({ '.gitignore': '.env\ndata/\n.catalyst/\nfiller\n' })
  for (const version of versions) {
    repository.commit((isModule ? moduleFiles : programFiles)(version, setting), version.tag)
    repository.git('tag', version.tag)
  }
  repository.git('checkout', '--quiet', 'v1')
}
