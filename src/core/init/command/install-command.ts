import type { BotFiles } from '#core/init/bot-files.js'
import { npmDependencies } from '#core/init/npm-package.js'
import { hasVenv } from './python.js'

/** The commands that install what a lock file names, for tools that a deployment does not guess. */
const BY_LOCK: Readonly<Record<string, string>> = {
  'pnpm-lock.yaml': 'pnpm install --frozen-lockfile',
  'yarn.lock': 'yarn install --frozen-lockfile',
  'bun.lock': 'bun install --frozen-lockfile',
  'uv.lock': 'uv sync --frozen',
}
/** What a deployment installs by itself. */
const KNOWN = ['package-lock.json', 'npm-shrinkwrap.json', 'requirements.txt']

/** Returns DEPLOY_INSTALL_COMMAND for a bot whose packages no deployment would install; undefined where one would. */
export function installCommand(files: BotFiles): string | undefined {
  if (KNOWN.some(files.has)) return undefined
  const lock = Object.keys(BY_LOCK).find(files.has)
  if (lock !== undefined) return BY_LOCK[lock]
  return npmDependencies(files).length > 0 ? 'npm install --omit=dev --no-package-lock' : undefined
}

/** Returns what to type so that the bot's packages are in its folder, where it is to run without a release. */
export function installLines(files: BotFiles): string[] {
  const lines: string[] = []
  if (files.has('requirements.txt') && !hasVenv(files)) {
    const [python, pip] = files.platform === 'win32' ? ['python', '.venv\\Scripts\\pip'] : ['python3', '.venv/bin/pip']
    lines.push(`${python} -m venv .venv`, `${pip} install -r requirements.txt`)
  }
  if (files.has('package.json') && !files.has('node_modules')) {
    if (files.has('package-lock.json')) lines.push('npm ci')
    else if (installCommand(files) !== undefined) lines.push(installCommand(files) as string)
  }
  return lines
}
