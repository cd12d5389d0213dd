import type { Repository } from '#core/backup/repository.js'
import { CatalystError, type ErrorCode, EXIT } from '#core/errors.js'
import { mainLineOf, type ResticFault } from './restic-output.js'

/** What restic had to do, in words that follow "The": `backup`, `restore`. */
export type Task = 'backup' | 'restore' | 'check' | 'list of backups' | 'retention' | 'set-up of the repository'

/** Makes the error for a restic that has failed. `words` are restic's own, without secrets. */
export function resticError(
  task: Task,
  { address }: Pick<Repository, 'address'>,
  { fault, words }: { fault: ResticFault; words: string },
): CatalystError {
  const why = mainLineOf(words)
  const error = (code: ErrorCode, message: string, suggestions: string[], exit: number = EXIT.failed) =>
    new CatalystError(message, { code, exit, suggestions })
  switch (fault) {
    case 'password':
      return error(
        'BACKUP_PASSWORD_WRONG',
        `BACKUP_PASSWORD does not open the repository ${address}. Nothing was done.`,
        ['Set the password with which it was made, in .env. Without it the backups in it can never be read.'],
        EXIT.settings,
      )
    case 'missing':
      return error('BACKUP_REPOSITORY_MISSING', `There is no repository at ${address}: ${why}`, [
        'Is its disk mounted, and its address right? If it is to be new: catalyst backup run --init',
      ])
    case 'locked':
      return error(
        'BACKUP_REPOSITORY_LOCKED',
        `The repository ${address} is in use: ${why}`,
        ['Wait until that is done, then do it again.'],
        EXIT.busy,
      )
    case 'full':
      return error('BACKUP_FAILED', `The ${task} failed, because there is no room left: ${why}`, [
        'Make room there, or keep fewer backups (BACKUP_KEEP_DAILY, _WEEKLY, _MONTHLY), then do it again. Earlier backups are whole.',
      ])
    case 'denied':
      return error('BACKUP_FAILED', `The ${task} failed, because something must not be read or written: ${why}`, [
        `Allow it to the user that owns the home, or name another place: BACKUP_REPOSITORY`,
      ])
    case 'unreachable':
      return error('BACKUP_FAILED', `The ${task} failed, because ${address} can't be reached: ${why}`, [
        'Do it again once it can be. What has arrived there is not sent again; earlier backups are whole.',
      ])
    case 'damaged':
      return error('BACKUP_DAMAGED', `The ${task} failed, because the repository ${address} is damaged: ${why}`, [
        "See what is damaged, by restic's own manual: https://restic.readthedocs.io/en/stable/077_troubleshooting.html",
      ])
    case 'other':
      return error('BACKUP_FAILED', `The ${task} failed: ${why}`, [
        'See whether the repository is whole: catalyst backup check',
      ])
  }
}

export function cancelled(task: Task): CatalystError {
  return new CatalystError(
    `The ${task} was cancelled. Earlier backups are whole, and nothing in the home was changed.`,
    {
      code: 'BACKUP_FAILED',
      exit: EXIT.failed,
    },
  )
}
