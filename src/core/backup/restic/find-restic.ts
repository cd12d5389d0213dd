import { resolve } from 'node:path'
import type { Settings } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { failureText, QUERY_TIMEOUT_MS, run } from '#core/platform/process/processes.js'

/** The oldest version that was tried: Debian 12's. */
const OLDEST = [0, 14] as const

/** Returns restic's program, by BACKUP_RESTIC or in PATH. */
export function resticProgram({ BACKUP_RESTIC: named }: Settings, home: string): string {
  return named === undefined ? 'restic' : resolve(home, named)
}

/**
 * Refuses a restic that is not there, or too old.
 * @throws CatalystError RESTIC_MISSING with the command that gets it
 */
export async function demandRestic(settings: Settings, home: string): Promise<void> {
  const { BACKUP_RESTIC: named } = settings
  const program = resticProgram(settings, home)
  const result = await run(program, ['version'], { timeoutMs: QUERY_TIMEOUT_MS })
  if (result.exit !== 0) {
    const why =
      result.failure === 'ENOENT'
        ? `is not ${named === undefined ? 'installed' : `at ${program} (BACKUP_RESTIC)`}`
        : `does not run: ${failureText(result)}`
    throw missing(`restic, which makes the backups, ${why}.`)
  }
  const version = versionIn(result.stdout)
  if (version !== undefined && isFitFor(version)) return
  const is = version === undefined ? `${program} is not restic` : `restic ${version} is too old`
  throw missing(`${is}: ${OLDEST.join('.')} or newer is needed.`)
}

/** Returns the version in the words of `restic version`. */
export function versionIn(text: string): string | undefined {
  return /^restic (\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1]
}

export function isFitFor(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > OLDEST[0] || minor >= OLDEST[1]
}

function missing(message: string): CatalystError {
  return new CatalystError(message, {
    code: 'RESTIC_MISSING',
    exit: EXIT.failed,
    suggestions: [
      `Get it: ${commandThatGetsIt(process.platform)}`,
      'Or name it in .env, if it is elsewhere: BACKUP_RESTIC',
    ],
  })
}

export function commandThatGetsIt(platform: NodeJS.Platform): string {
  if (platform === 'win32') return 'winget install restic.restic (or: scoop install restic)'
  return platform === 'darwin' ? 'brew install restic' : 'sudo apt install restic'
}
