import { type Alert, aboutOf, factsOf, footerOf } from '#core/alerts/alert.js'
import { sendOnce } from '#core/alerts/send-once.js'
import type { Settings } from '#core/config/schema.js'
import { messageOf } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { removeFile } from '#core/platform/fs/write-files.js'
import { duration, timeName } from '#core/text.js'
import { type BackupFault, type BackupState, backupFault, readBackupState } from './backup-state.js'

/** The alert that is open: `.catalyst/state/backup-alert.json`. */
interface OpenAlert {
  readonly id: string
  /** The wall time of its beginning, in ms since 1970. */
  readonly since: number
  readonly kind: BackupFault['kind']
  /** The fault, in words. */
  readonly text: string
}

/** The alert that is due, with what is to be remembered of it. */
export interface DueAlert {
  readonly id: string
  readonly alert: Alert
  /** Null where it is over. */
  readonly open: OpenAlert | null
}

/**
 * Returns the alert about the backups that is due: one when a fault begins, or becomes another one, and one when it is
 * over. The age in the words of a fault grows, and is no other fault.
 */
export function dueAlert(
  fault: BackupFault | undefined,
  open: OpenAlert | undefined,
  { facts, now }: { facts: ReturnType<typeof factsOf>; now: number },
): DueAlert | undefined {
  if (fault === undefined && open === undefined) return undefined
  if (fault !== undefined && open !== undefined && fault.kind === open.kind) return undefined
  const id = open?.id ?? `backup-${timeName(now)}`
  const since = open?.since ?? now
  const alert: Alert = {
    title: `${facts.bot}: ${fault === undefined ? 'the backups are in order again' : 'the backups need attention'}`,
    description: fault?.text ?? `They were not for ${duration(Math.max(0, now - since))}: ${open?.text}`,
    tone: fault === undefined ? 'good' : 'bad',
    fields:
      fault === undefined
        ? []
        : [{ key: 'commands', name: 'Look further', value: 'catalyst backup run\ncatalyst backup check', as: 'code' }],
    footer: footerOf(facts),
    about: aboutOf(facts, {
      kind: 'backup',
      name: id,
      ended: fault === undefined ? new Date(now).toISOString() : null,
    }),
  }
  return { id, alert, open: fault === undefined ? null : { id, since, ...fault } }
}

/** Returns the alert that is due for a home, and remembers it. */
export function takeDueAlert(paths: HomePaths, settings: Settings, now: number): DueAlert | undefined {
  const state: BackupState | undefined = readBackupState(paths)
  const open = readJson<OpenAlert>(
    paths.backupAlert,
    ({ id, since, kind, text }) =>
      [id, kind, text].every((text) => typeof text === 'string') && typeof since === 'number',
  )
  const due = dueAlert(backupFault(state, settings, now), open, { facts: factsOf(paths, settings), now })
  if (due?.open) writeJson(paths.backupAlert, due.open)
  else if (due) removeFile(paths.backupAlert)
  return due
}

/** Alerts the admin after a backup or a restore test, if something begins to be wrong, or is in order again. */
export async function alertBackups(home: Home, onWarning: (text: string) => void): Promise<void> {
  try {
    const due = home.asOwner(() => takeDueAlert(home.paths, home.settings, home.clock.now()))
    if (due !== undefined) await sendOnce(home, due.id, due.alert, onWarning)
  } catch (error) {
    onWarning(`The alert about the backups could not be made: ${messageOf(error)}`)
  }
}
