import { type Fields, isObject, objectIn } from '#core/json.js'

/** The progress of a backup. */
export interface Progress {
  /** From 0 to 1. */
  readonly ratio: number
  readonly totalBytes: number
}

/** The figures that restic tells at the end of a backup. */
export interface Summary {
  /** The backup's id, short. */
  readonly id: string
  readonly files: number
  readonly bytes: number
  /** The bytes that were new, before compression. */
  readonly addedBytes: number
}

/** A file that could not be read. */
export interface LeftOut {
  readonly path: string
  readonly why: string
}

/** One line of the JSON that `restic backup` writes, on both streams. Lines of other kinds are undefined. */
export type BackupLine =
  | { readonly progress: Progress }
  | { readonly summary: Summary }
  | { readonly leftOut: LeftOut }
  | undefined

export function backupLineOf(line: string): BackupLine {
  const fields = objectIn(line)
  if (fields?.message_type === 'status') {
    return { progress: { ratio: numberOf(fields.percent_done), totalBytes: numberOf(fields.total_bytes) } }
  }
  if (fields?.message_type === 'summary' && typeof fields.snapshot_id === 'string') {
    const { snapshot_id, total_files_processed, total_bytes_processed, data_added } = fields
    return {
      summary: {
        id: snapshot_id.slice(0, 8),
        files: numberOf(total_files_processed),
        bytes: numberOf(total_bytes_processed),
        addedBytes: numberOf(data_added),
      },
    }
  }
  if (fields?.message_type === 'error')
    return { leftOut: { path: String(fields.item ?? ''), why: whyOf(fields.error) } }
  return undefined
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}

/** Returns the words of an error: newer versions write a message, older ones the fields of Go's error. */
function whyOf(error: unknown): string {
  const { message, Err, Op } = Object(error) as Record<string, unknown>
  if (typeof message === 'string') return message
  if (Err === 13) return 'permission denied'
  if (Err === 2) return 'it is gone'
  return Err === undefined ? JSON.stringify(error ?? null) : `${Op} failed (system error ${Err})`
}

/** The kinds of failure that a person can do something about. */
export type ResticFault = 'password' | 'denied' | 'missing' | 'locked' | 'full' | 'unreachable' | 'damaged' | 'other'

/** Exit codes of restic since 0.17 (its manual, "Exit codes"). */
const EXITS: Readonly<Record<number, ResticFault>> = { 10: 'missing', 11: 'locked', 12: 'password' }

/**
 * What `restic check` says of a file of the repository that is gone. Restic up to 0.16 then tries to read it for a minute and a
 * half, again and again for each folder in it.
 */
export const LOST_PACK = /^pack [0-9a-f]{64}: does not exist/

/** Returns why restic has failed, by its exit code and its words. */
export function resticFaultOf(exit: number, words: string): ResticFault {
  const known = EXITS[exit]
  if (known !== undefined) return known
  if (/wrong password or no key found/i.test(words)) return 'password'
  if (/repository is already locked|unable to create lock/i.test(words)) return lockFault(words)
  if (/no space left on device|disk quota exceeded|not enough space/i.test(words)) return 'full'
  if (/permission denied|access is denied|read-only file system|operation not permitted|AccessDenied/i.test(words))
    return 'denied'
  if (
    /connection refused|no such host|network is unreachable|i\/o timeout|no route to host|connection reset|TLS handshake/i.test(
      words,
    )
  )
    return 'unreachable'
  if (/Is there a repository at the following location|unable to open config file/i.test(words)) return 'missing'
  return /ciphertext verification failed|does not match|invalid data returned|pack .* not found|pack .* does not exist|repository contains errors/i.test(
    words,
  )
    ? 'damaged'
    : 'other'
}

/** A lock that can't be made is a lock of somebody else, unless the place takes no file at all. */
function lockFault(words: string): ResticFault {
  if (/no space left|quota/i.test(words)) return 'full'
  if (/already locked/i.test(words)) return 'locked'
  return /permission denied|access is denied|read-only file system/i.test(words) ? 'denied' : 'other'
}

/** Returns the line of restic's words that says why it has failed. */
export function mainLineOf(words: string): string {
  const lines = words
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const fatal =
    lines.find((line) => /already locked/.test(line) || LOST_PACK.test(line)) ??
    lines.findLast((line) => /^Fatal: /.test(line)) ??
    lines.at(-1) ??
    'it gave no reason'
  const json = objectIn(fatal)
  return (typeof json?.message === 'string' ? json.message : fatal).replace(/^Fatal: /, '')
}

/** Returns the objects in a text of JSON that is one array, or one object a line. */
export function arrayIn(text: string): Fields[] {
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value)) return value.filter(isObject)
  } catch {
    // more than one line
  }
  return text
    .split('\n')
    .map(objectIn)
    .filter((one) => one !== undefined)
}
