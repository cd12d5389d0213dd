import { run } from '#core/platform/process/processes.js'
import { systemProgram } from './windows.js'

/** Whether others can read a path. */
export interface Access {
  readonly path: string
  readonly isOpen: boolean
}

const QUERY_MS = 4000
/** Prints the access list of each path as SDDL, one a line; an empty line where it can't be read. */
const SCRIPT = `$ErrorActionPreference = 'SilentlyContinue'
$env:CATALYST_PATHS -split '\\|' | ForEach-Object { "" + (Get-Acl -LiteralPath $_).Sddl }`

/** Reads who can read these paths. Windows names groups in its own language, so they are compared by their ids. */
export async function readAccess(paths: readonly string[]): Promise<Access[]> {
  if (paths.length === 0) return []
  const program = systemProgram('WindowsPowerShell\\v1.0\\powershell.exe')
  // | can't be part of a path there
  const env = { ...process.env, CATALYST_PATHS: paths.join('|') }
  const words = ['-NoProfile', '-NonInteractive', '-Command', SCRIPT]
  const { stdout } = await run(program, words, { timeoutMs: QUERY_MS, env })
  const lines = stdout.split(/\r?\n/)
  if (!lines.some((line) => line.includes('D:'))) throw new Error('Windows does not tell who has access')
  return paths.map((path, index) => ({ path, isOpen: isOpenByList(lines[index] ?? '') }))
}

/** Everyone, all users, all who have logged in, and those at the machine (Windows' SID strings). */
const ANYBODY = /^(WD|BU|AU|IU|S-1-1-0|S-1-5-32-545|S-1-5-11|S-1-5-4)$/
/** Rights that let read a file: full, generic, or file's, by their letters. */
const READS = /FA|FR|GA|GR|KA/

/**
 * Returns whether an access list, in Microsoft's security descriptor definition language, lets anybody read. A file
 * without a list (`D:NO_ACCESS_CONTROL`) is open to all.
 */
export function isOpenByList(sddl: string): boolean {
  if (/D:[A-Z]*NO_ACCESS_CONTROL/.test(sddl)) return true
  return [...sddl.matchAll(/\(A;[^;]*;([^;]*);[^;]*;[^;]*;([^;)]*)/g)].some(
    ([, rights = '', who = '']) => ANYBODY.test(who) && letsRead(rights),
  )
}

/** FILE_READ_DATA, and the generic rights that contain it. */
const READ_BITS = 0x1 | 0x1000_0000 | 0x8000_0000

function letsRead(rights: string): boolean {
  const bits = /^0x([0-9a-f]+)$/i.exec(rights)?.[1]
  if (bits !== undefined) return (Number.parseInt(bits, 16) & READ_BITS) !== 0
  return READS.test(rights)
}
