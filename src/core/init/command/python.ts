import type { BotFiles } from '#core/init/bot-files.js'

const VENV = '.venv/bin/python'
/** The folders in which virtual environments usually are. */
const VENVS = ['.venv', 'venv', 'env']
/** The files from which a release gets a `.venv` of its own: see `dependencies.ts`, and {@link installCommand}. */
const PER_RELEASE = ['requirements.txt', 'uv.lock']

/**
 * Returns the Python that a bot is to run with: that of `.venv` where each release gets one, else that of the virtual
 * environment in the folder by its whole path, so that releases use it too, else the system's.
 */
export function pythonOf(files: BotFiles): string {
  if (PER_RELEASE.some(files.has) && (files.has('.venv') || !hasVenv(files))) return VENV
  const own = VENVS.find((name) => files.has(`${name}/pyvenv.cfg`))
  if (own !== undefined) return `${files.folder}/${own}/bin/python`
  return files.platform === 'win32' ? 'python' : 'python3'
}

/** Returns a program of Python packages: beside the Python of a virtual environment, else by its name. */
export function pythonProgram(files: BotFiles, name: string): string {
  const python = pythonOf(files)
  return python.includes('/') ? python.replace(/[^/]+$/, name) : name
}

/** Returns whether a word names Python. */
export function isPython(word: string): boolean {
  return /(^|[\\/])(python|pypy)[\d.]*(\.exe)?$/i.test(word) || word === 'py'
}

/** Returns whether the folder has a virtual environment. */
export function hasVenv(files: BotFiles): boolean {
  return VENVS.some((name) => files.has(`${name}/pyvenv.cfg`))
}
