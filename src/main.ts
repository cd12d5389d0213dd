import { stripVTControlCharacters } from 'node:util'
import { handle, type Interfaces, run } from '@oclif/core'
import { commands as helpCommands } from '@oclif/plugin-help'
import { FULL_SCHEMA } from '#bots/config.js'
import { consoleDrained } from '#cli/console.js'
import { errorJson, errorText } from '#cli/error-text.js'
import { nameHome } from '#cli/name-home.js'
import { commandNamedBy, runNamed } from '#cli/named-command.js'
import { printJson, talk } from '#cli/screen.js'
import { meansStatus } from '#cli/status/plain-status.js'
import { unknownCommand } from '#cli/unknown-command.js'
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
import { CatalystError, codeOf, EXIT, messageOf } from '#core/errors.js'
import { realClock } from '#core/platform/clock.js'
import { printable } from '#core/printable.js'

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

/** The command that a command line without a word means, in a home. */
const STATUS = 'status'

/** Runs the command line. `root` is a file of the package that is run. A closed pipe (`| head`) is no error. */
export async function main(root: string): Promise<void> {
  // oclif's own listener throws what isn't EPIPE: a full disk behind `> file` would end a bot
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error').on('error', () => {})
  const asked = { cwd: process.cwd(), named: process.env.CATALYST_HOME }
  if (meansStatus(process.argv.slice(2), asked, (name) => name in FULL_SCHEMA)) process.argv.push(STATUS)
  await runWords(root, process.argv.slice(2)).then(() => consoleDrained(realClock), fail)
}

/** Runs a command line: by oclif where it doesn't name a command exactly, and where what follows is wrong, for its words. */
async function runWords(root: string, words: string[]): Promise<void> {
  const command = commandNamedBy(words, OWN_COMMANDS)
  try {
    if (command !== undefined) return await runNamed(command, OWN_COMMANDS)
  } catch (error) {
    if (!(error instanceof Error && 'parse' in error)) throw error
  }
  await run(words, ownCommandsOf(root))
}

/**
 * Returns options without plug-ins, which oclif looks for in a folder of the user: there may be none, or an unreadable
 * one.
 */
function ownCommandsOf(root: string): Interfaces.LoadOptions {
  return { root, userPlugins: false }
}

/**
 * Shows an error: oclif shows its own about the command line, and we all others: it would wrap paths and commands to
 * the screen's width.
 */
async function fail(thrown: Parameters<typeof handle>[0]): Promise<void> {
  const argv = process.argv.slice(2)
  const ids = Object.keys(COMMANDS)
  const isUnknown = 'oclif' in thrown && /^command .+ not found\.?$/i.test(thrown.message)
  const error = isUnknown ? unknownCommand(argv.slice(argv[0] === 'help' ? 1 : 0), ids) : thrown
  const isOurs = error instanceof CatalystError
  if (!isOurs && 'oclif' in error) return handle(quotedSafely(error))
  const { message, code, exit, suggestions } = isOurs
    ? error
    : { message: messageOf(error), code: codeOf(error) ?? 'UNEXPECTED', exit: EXIT.failed, suggestions: [] }
  const shown = { message, code, exit, suggestions: suggestions.map((text) => nameHome(text, { argv, ids })) }
  if (isUnknown && argv.includes('--json')) printJson(errorJson(shown))
  else talk(errorText(shown))
  await consoleDrained(realClock)
  process.exit(exit)
}

/** Makes an error of oclif's harmless: it quotes what was typed, or what a script put there. */
function quotedSafely<E extends Error>(error: E): E {
  const safe = (text: string) => printable(stripVTControlCharacters(text))
  return Object.assign(error, { message: safe(error.message), stack: error.stack && safe(error.stack) })
}

/** Runs one command inside this process, silently: the build does, to warm the code cache. */
export async function rehearse(root: string, argv: string[]): Promise<void> {
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }))
  for (const { stream } of streams) stream.write = () => true
  try {
    await runWords(root, argv)
  } finally {
    for (const { stream, write } of streams) stream.write = write
  }
}
