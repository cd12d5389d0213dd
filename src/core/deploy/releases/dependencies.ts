/** The installation of a release's dependencies: programs with their arguments, one after the other. */
export interface Installation {
  readonly commands: readonly (readonly [string, ...string[]])[]
  /** The folder that they run in, relative to the release's top: the home's, or the top itself. */
  readonly folder: string
  /** Files that ask for another tool, which is to be named in DEPLOY_INSTALL_COMMAND. */
  readonly unknown: readonly string[]
}

const FOREIGN = [
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'poetry.lock',
  'uv.lock',
  'Pipfile.lock',
  'Gemfile.lock',
  'composer.lock',
]

/** Returns the installation for these files: npm for its lock file, a virtual environment and pip for requirements. */
export function installationFor(
  paths: readonly string[],
  subfolder: string,
  platform: NodeJS.Platform = process.platform,
): Installation {
  const has = (folder: string) => (name: string) => paths.includes(folder + name)
  const tools = [...NODE_LOCKS, ...FOREIGN, REQUIREMENTS]
  // a workspace keeps its lock file at the top
  const folder = tools.some(has(subfolder)) ? subfolder : ''
  const here = has(folder)
  const commands: (readonly [string, ...string[]])[] = []
  if (NODE_LOCKS.some(here)) commands.push(['npm', 'ci'])
  if (here(REQUIREMENTS)) {
    const python = platform === 'win32' ? 'python' : 'python3'
    commands.push(
      [python, '-m', 'venv', '.venv'],
      ['.venv/bin/python', '-m', 'pip', 'install', '--disable-pip-version-check', '-r', REQUIREMENTS],
    )
  }
  return { commands, folder, unknown: commands.length > 0 ? [] : FOREIGN.filter(here) }
}

const NODE_LOCKS = ['package-lock.json', 'npm-shrinkwrap.json']
const REQUIREMENTS = 'requirements.txt'
