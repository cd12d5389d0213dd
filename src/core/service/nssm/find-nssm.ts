import { win32 } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { exists, isFolder } from '#core/platform/fs/files.js'
import { failureText, QUERY_TIMEOUT_MS, type RunResult, run } from '#core/platform/process/processes.js'
import type { Action } from '#core/service/action.js'

/** The checksum of 2.24-101, which nssm.cc itself recommends for Windows 10 and later. */
const SHA256 = 'eee9c44c29c2be011f1f1e43bb8c3fca888cb81053022ec5a0060035de16d848'

/**
 * The minimum version: plain 2.24 can't start services on Windows 10 1703 and later (nssm.cc/download), and lacks the
 * queries that we use.
 */
const LEAST_VERSION = [2, 24, 101] as const

type Environment = Readonly<Record<string, string | undefined>>

/** Returns where nssm.exe may be, the likeliest first. With NSSM_PATH set only there: a file, or a folder with it. */
export function nssmPlaces(setting: string | undefined, environment: Environment): string[] {
  if (setting !== undefined) {
    return [setting, win32.join(setting, 'nssm.exe'), win32.join(setting, 'win64', 'nssm.exe')]
  }
  const folders = [
    ...pathOf(environment),
    win32.join(chocolateyOf(environment), 'bin'),
    ...under(environment.USERPROFILE, 'scoop', 'shims'),
    ...under(environment.ProgramData ?? 'C:\\ProgramData', 'scoop', 'shims'),
    ...[environment.ProgramFiles ?? 'C:\\Program Files', environment['ProgramFiles(x86)'], 'C:\\', 'C:\\Tools'].flatMap(
      (folder) => [...under(folder, 'nssm', 'win64'), ...under(folder, 'nssm')],
    ),
    win32.join(environment.SystemRoot ?? 'C:\\Windows', 'System32'),
  ]
  return [...new Set(folders.map((folder) => win32.join(folder, 'nssm.exe')))]
}

/** Returns the first of these that exists. */
export function findNssm(setting: string | undefined, environment: Environment): string | undefined {
  return nssmPlaces(setting, environment).find((path) => exists(path) && !isFolder(path))
}

/** Returns the path of Chocolatey's choco.exe, if it exists. */
export function findChoco(environment: Environment): string | undefined {
  const folders = [win32.join(chocolateyOf(environment), 'bin'), ...pathOf(environment)]
  return folders.map((folder) => win32.join(folder, 'choco.exe')).find(exists)
}

const DOWNLOAD_TIMEOUT_MS = 10 * 60_000

/** Returns the action that installs NSSM with Chocolatey. Only after somebody said yes: it changes the machine. */
export function installByChoco(choco: string): Action {
  return { do: 'run', argv: [choco, 'install', 'nssm', '-y'], timeoutMs: DOWNLOAD_TIMEOUT_MS }
}

/** The suggestions for a machine without NSSM. */
export const HOW_TO_GET_NSSM = [
  'With Chocolatey, in a terminal as administrator: choco install nssm -y',
  `By hand: get 2.24-101 from https://nssm.cc/download and put its win64\\nssm.exe into C:\\nssm\\win64. Its SHA-256 (certutil -hashfile nssm.exe SHA256) is ${SHA256}`,
  'Then the same again. If it is elsewhere, set NSSM_PATH in .env.',
]

/**
 * Makes sure that NSSM is there, runs and is new enough.
 * @throws CatalystError SERVICE_MANAGER_MISSING
 */
export async function checkNssm(program: string | undefined, setting: string | undefined): Promise<void> {
  if (program === undefined) throw notThere(setting)
  const answer = await run(program, ['version'], { timeoutMs: QUERY_TIMEOUT_MS })
  if (answer.failure === 'ENOENT') throw notThere(setting)
  // before 2.24-100 there was no such command: those show how to use them, and fail
  const [text, version] = versionOf(answer.stdout) ?? versionOf(answer.stderr) ?? []
  if (version && isOlder(version)) {
    throw missing(`${program} is NSSM ${text}, which is too old: it must be 2.24-101 or newer.`, [
      'With Chocolatey, in a terminal as administrator: choco upgrade nssm -y',
      ...HOW_TO_GET_NSSM.slice(1),
    ])
  }
  if (answer.exit !== 0 || version === undefined) throw notUsable(program, answer)
}

/**
 * Reads a version: `NSSM 2.24-101-g897c7ad 64-bit 2017-04-26` is 2, 24, 101; older ones print `Version 2.24 64-bit,
 * 2014-08-31`.
 */
function versionOf(said: string): [string, [number, number, number]] | undefined {
  const match = /\b(?:NSSM|Version) ((\d+)\.(\d+)(?:-(\d+))?\S*)/.exec(said)
  return match ? [match[1] as string, [Number(match[2]), Number(match[3]), Number(match[4] ?? 0)]] : undefined
}

function isOlder(version: readonly [number, number, number]): boolean {
  const at = version.findIndex((part, index) => part !== LEAST_VERSION[index])
  return at !== -1 && (version[at] as number) < (LEAST_VERSION[at] as number)
}

export function notThere(setting: string | undefined): CatalystError {
  const where = setting === undefined ? 'in PATH or the usual folders' : `at NSSM_PATH (${setting})`
  return missing(`NSSM, which runs services on Windows, is missing: there is no nssm.exe ${where}.`, HOW_TO_GET_NSSM)
}

/** Makes the error for an NSSM that can't run: virus scanners remove or block NSSM, because malware uses it too. */
function notUsable(program: string, answer: RunResult): CatalystError {
  const why = answer.failure ?? failureText(answer).split(/\r?\n/, 1)[0]
  return missing(`${program} is there but can't be run (${why}): perhaps a virus scanner holds it in quarantine.`, [
    "See in the virus scanner's history (Windows Security, Protection history), and allow the file or its folder.",
    `To check that it is genuine, compare its SHA-256: certutil -hashfile "${program}" SHA256 (2.24-101: ${SHA256})`,
  ])
}

function missing(message: string, suggestions: string[]): CatalystError {
  return new CatalystError(message, { code: 'SERVICE_MANAGER_MISSING', exit: EXIT.failed, suggestions })
}

function under(folder: string | undefined, ...parts: string[]): string[] {
  return folder === undefined ? [] : [win32.join(folder, ...parts)]
}

/** Returns PATH's folders; Windows spells it Path, and a folder with a semicolon is in quotes. */
function pathOf(environment: Environment): string[] {
  const name = Object.keys(environment).find((key) => key.toUpperCase() === 'PATH')
  const words = (name === undefined ? '' : (environment[name] ?? '')).match(/(?:"[^"]*"|[^;"])+/g) ?? []
  return words.map((word) => word.replaceAll('"', '').trim()).filter((folder) => win32.isAbsolute(folder))
}

function chocolateyOf(environment: Environment): string {
  return environment.ChocolateyInstall ?? win32.join(environment.ProgramData ?? 'C:\\ProgramData', 'chocolatey')
}
