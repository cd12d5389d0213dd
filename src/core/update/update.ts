import { dirname, join } from 'node:path'
import { npmOnWindows } from '#core/deploy/run/run-tool.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { exists, readText } from '#core/platform/fs/files.js'
import { readJson } from '#core/platform/fs/json-file.js'
import { ask } from '#core/platform/net/http.js'
import { isOwnNode, packageFile, packageVersion } from '#core/platform/package.js'
import { failureText, run } from '#core/platform/process/processes.js'
import { type Form, formOf, type UpdateStep, updateSteps } from './installation.js'
import { isNewer, newestTag, versionInAnswer } from './release-version.js'

/** The installation of this program, and what updates it. */
export interface Installation {
  readonly version: string
  readonly form: Form
  /** The folder that holds all of it. */
  readonly folder: string
  readonly node: { readonly version: string; readonly path: string; readonly is_own: boolean }
  /** The version of an update that the .deb has taken back; null without one. */
  readonly taken_back: string | null
  readonly steps: readonly UpdateStep[]
}

/** The newest version that there is. */
export interface Newest {
  readonly version: string
  readonly is_newer: boolean
  /** The place that was asked, without a secret that its address may hold. */
  readonly asked: string
}

/** Returns how this program is installed. Nothing is asked for. */
export function readInstallation(): Installation {
  const root = packageFile()
  const marked = readJson<{ form: unknown }>(join(root, 'installed-as.json'), () => true)?.form
  const form = formOf({ marked, folder: root, isRepository: exists(join(root, '.git')) })
  const folder = marked === undefined ? root : dirname(root)
  return {
    version: packageVersion(),
    form,
    folder,
    node: { version: process.version.slice(1), path: process.execPath, is_own: isOwnNode() },
    taken_back: form === 'deb' ? takenBack(folder) : null,
    steps: updateSteps(form, folder),
  }
}

/** Returns what scripts/dist/deb/postinst has noted, beside the versions that it keeps. */
function takenBack(folder: string): string | null {
  const noted = readText(join(folder, '..', '..', 'taken-back'), 100)?.trim() ?? ''
  return /^[\w.+~-]+$/.test(noted) ? noted : null
}

const LIMIT_MS = 15_000

/**
 * Asks for the newest version: at an address, else the repository that a clone was made of, else npm.
 * @throws CatalystError UPDATE_NOT_KNOWN
 */
export async function askNewest({ form, folder, version }: Installation, url: string | undefined): Promise<Newest> {
  const answer = url === undefined ? await (form === 'clone' ? askGit(folder) : askNpm()) : await askUrl(url)
  return { version: answer.version, is_newer: isNewer(answer.version, version), asked: answer.asked }
}

type Told = Pick<Newest, 'version' | 'asked'>

async function askUrl(url: string): Promise<Told> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new CatalystError('--from must be an http:// or https:// address.', { code: 'USAGE', exit: EXIT.usage })
  const asked = new URL(url).host
  const headers = { Accept: 'application/json', 'User-Agent': `catalyst/${packageVersion()}` }
  const answer = await ask(url, { timeoutMs: LIMIT_MS, headers }).catch((error) => {
    throw notKnown(`${asked} can't be asked: ${messageOf(error)}`)
  })
  if (answer.status !== 200) throw notKnown(`${asked} answers HTTP ${answer.status}`)
  const version = versionInAnswer(answer.body)
  if (version === undefined) throw notKnown(`${asked} names no version in its answer`)
  return { version, asked }
}

async function askGit(folder: string): Promise<Told> {
  const env = { ...process.env, GIT_TERMINAL_PROMPT: '0' }
  const listed = await run('git', ['-C', folder, 'ls-remote', '--tags', '--refs'], { timeoutMs: LIMIT_MS, env })
  if (listed.exit !== 0) throw notKnown(`the repository of this clone can't be asked: ${failureText(listed)}`)
  const version = newestTag(listed.stdout)
  if (version === undefined) throw notKnown('the repository of this clone has no tag of a version')
  return { version, asked: 'the repository of this clone' }
}

async function askNpm(): Promise<Told> {
  const words = ['view', 'catalyst-bot', 'version', '--json', '--fetch-retries=0', `--fetch-timeout=${LIMIT_MS}`]
  const script = process.platform === 'win32' ? npmOnWindows('npm', process.env.PATH ?? '', exists) : undefined
  const [program, ...before] = script ?? ['npm']
  const seen = await run(program, [...before, ...words], { timeoutMs: 2 * LIMIT_MS })
  if (seen.failure === 'ENOENT') throw notKnown('npm, which is asked for it, is not in PATH')
  if (/\bE404\b/.test(seen.stdout + seen.stderr)) throw notKnown('npm knows no package catalyst-bot')
  if (seen.exit !== 0) throw notKnown(`npm can't be asked: ${failureText({ ...seen, stdout: '' })}`)
  const version = versionInAnswer(`{"version":${seen.stdout}}`)
  if (version === undefined) throw notKnown('npm names no version')
  return { version, asked: 'npm' }
}

function notKnown(why: string): CatalystError {
  return new CatalystError(`The newest version is not known: ${why.replace(/\.$/, '')}. Nothing was changed.`, {
    code: 'UPDATE_NOT_KNOWN',
    exit: EXIT.failed,
    suggestions: ['Ask elsewhere: catalyst update --check --from URL'],
  })
}
