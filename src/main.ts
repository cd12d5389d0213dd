import { type Interfaces, run } from '@oclif/core'
import { commands as helpCommands } from '@oclif/plugin-help'
import { FULL_SCHEMA } from '#bots/config.js'
import { consoleDrained } from '#cli/console.js'
import { fail } from '#cli/fail.js'
import { commandNamedBy, runNamed } from '#cli/named-command.js'
import { surviveClosedPipe } from '#cli/screen.js'
import { meansStatus } from '#cli/status/plain-status.js'
import AlertTest from '#commands/alert/test.js'
import BackupCheck from '#commands/backup/check.js'
import BackupList from '#commands/backup/list.js'
import BackupRestore from '#commands/backup/restore.js'
import BackupRun from '#commands/backup/run.js'
import BackupSchedule from '#commands/backup/schedule.js'
import BotStart from '#commands/bot/start.js'
import Completion from '#commands/completion.js'
import ConfigCheck from '#commands/config/check.js'
import ConfigShow from '#commands/config/show.js'
import DeployBackup from '#commands/deploy/backup.js'
import DeployBackups from '#commands/deploy/backups.js'
import DeployInfo from '#commands/deploy/info.js'
import DeployListTags from '#commands/deploy/list-tags.js'
import DeployLog from '#commands/deploy/log.js'
import DeployPrune from '#commands/deploy/prune.js'
import DeployRecover from '#commands/deploy/recover.js'
import DeployRepair from '#commands/deploy/repair.js'
import DeployRestore from '#commands/deploy/restore.js'
import DeployRestoreData from '#commands/deploy/restore-data.js'
import DeployRollback from '#commands/deploy/rollback.js'
import DeployRun from '#commands/deploy/run.js'
import DeploySnapshots from '#commands/deploy/snapshots.js'
import DeployTag from '#commands/deploy/tag.js'
import Doctor from '#commands/doctor.js'
import Drill from '#commands/drill.js'
import HealthCheck from '#commands/health/check.js'
import History from '#commands/history.js'
import IncidentList from '#commands/incident/list.js'
import IncidentShow from '#commands/incident/show.js'
import Init from '#commands/init.js'
import Logs from '#commands/logs.js'
import Ls from '#commands/ls.js'
import ServiceInstall from '#commands/service/install.js'
import ServiceRestart from '#commands/service/restart.js'
import ServiceStart from '#commands/service/start.js'
import ServiceStatus from '#commands/service/status.js'
import ServiceStop from '#commands/service/stop.js'
import ServiceUninstall from '#commands/service/uninstall.js'
import ServiceUpgrade from '#commands/service/upgrade.js'
import Status from '#commands/status.js'
import Update from '#commands/update.js'
import WatchdogInstall from '#commands/watchdog/install.js'
import WatchdogPause from '#commands/watchdog/pause.js'
import WatchdogResume from '#commands/watchdog/resume.js'
import WatchdogRun from '#commands/watchdog/run.js'
import WatchdogStatus from '#commands/watchdog/status.js'
import WatchdogTestAlert from '#commands/watchdog/test-alert.js'
import WatchdogUninstall from '#commands/watchdog/uninstall.js'
import { realClock } from '#core/platform/clock.js'

/** The commands that oclif's configuration is loaded for. */
const WITH_CONFIGURATION = { ...helpCommands, completion: Completion }

/** The others. They import what only few of them need when they run, so that each start loads only its own. */
const OWN_COMMANDS = {
  'alert:test': AlertTest,
  'backup:check': BackupCheck,
  'backup:list': BackupList,
  'backup:restore': BackupRestore,
  'backup:run': BackupRun,
  'backup:schedule': BackupSchedule,
  'bot:start': BotStart,
  'config:check': ConfigCheck,
  'config:show': ConfigShow,
  'deploy:backup': DeployBackup,
  'deploy:backups': DeployBackups,
  'deploy:info': DeployInfo,
  'deploy:list-tags': DeployListTags,
  'deploy:log': DeployLog,
  'deploy:prune': DeployPrune,
  'deploy:recover': DeployRecover,
  'deploy:repair': DeployRepair,
  'deploy:restore': DeployRestore,
  'deploy:restore-data': DeployRestoreData,
  'deploy:rollback': DeployRollback,
  'deploy:run': DeployRun,
  'deploy:snapshots': DeploySnapshots,
  'deploy:tag': DeployTag,
  doctor: Doctor,
  drill: Drill,
  'health:check': HealthCheck,
  history: History,
  init: Init,
  'incident:list': IncidentList,
  'incident:show': IncidentShow,
  logs: Logs,
  ls: Ls,
  'service:install': ServiceInstall,
  'service:restart': ServiceRestart,
  'service:start': ServiceStart,
  'service:status': ServiceStatus,
  'service:stop': ServiceStop,
  'service:uninstall': ServiceUninstall,
  'service:upgrade': ServiceUpgrade,
  status: Status,
  update: Update,
  'watchdog:install': WatchdogInstall,
  'watchdog:pause': WatchdogPause,
  'watchdog:resume': WatchdogResume,
  'watchdog:run': WatchdogRun,
  'watchdog:status': WatchdogStatus,
  'watchdog:test-alert': WatchdogTestAlert,
  'watchdog:uninstall': WatchdogUninstall,
}

/** Every command by its id. */
export const COMMANDS = { ...WITH_CONFIGURATION, ...OWN_COMMANDS }
const IDS = Object.keys(COMMANDS)

/** The command that a command line without a word means, in a home. */
const STATUS = 'status'

/** Runs the command line. `root` is a file of the package that is run. */
export async function main(root: string): Promise<void> {
  surviveClosedPipe()
  const asked = { cwd: process.cwd(), named: process.env.CATALYST_HOME }
  if (meansStatus(process.argv.slice(2), asked, (name) => name in FULL_SCHEMA)) process.argv.push(STATUS)
  await runWords(root, process.argv.slice(2)).then(
    () => consoleDrained(realClock),
    (error) => fail(error, IDS),
  )
}

/** Runs a command line: by oclif where it doesn't name a command exactly, and where what follows is wrong, for its words. */
export async function runWords(root: string, words: string[]): Promise<void> {
  const command = commandNamedBy(words, OWN_COMMANDS)
  const isDone = command !== undefined && (await runNamed(command, OWN_COMMANDS, () => IDS))
  if (!isDone) await run(words, ownCommandsOf(root))
}

/**
 * Returns options without plug-ins, which oclif looks for in a folder of the user: there may be none, or an unreadable
 * one.
 */
function ownCommandsOf(root: string): Interfaces.LoadOptions {
  return { root, userPlugins: false }
}
