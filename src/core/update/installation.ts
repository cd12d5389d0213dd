import { dirname } from 'node:path'
import { quoteWord } from '#core/text.js'

/** The forms in which this program is installed. */
export type Form = 'npm' | 'clone' | 'tarball' | 'zip' | 'deb' | 'wheel' | 'image' | 'unknown'

/** The forms that scripts/dist/folder.js writes into `installed-as.json`. */
const MARKED: readonly unknown[] = ['tarball', 'zip', 'deb', 'wheel', 'image'] satisfies Form[]

/** The facts that tell how this program is installed. */
export interface InstallationFacts {
  /** The content of `installed-as.json`; undefined without one. */
  readonly marked: unknown
  /** The folder of the program's package.json. */
  readonly folder: string
  /** True with a `.git` in it. */
  readonly isRepository: boolean
}

/** Returns the form of an installation. */
export function formOf({ marked, folder, isRepository }: InstallationFacts): Form {
  if (MARKED.includes(marked)) return marked as Form
  if (/[/\\]node_modules[/\\]/.test(folder)) return 'npm'
  return isRepository ? 'clone' : 'unknown'
}

/** A step of an update: a command to type, or something to do. */
export interface UpdateStep {
  readonly text: string
  readonly command: string | null
}

/** Package managers that install one of our archives in a folder of theirs. */
const MANAGERS: readonly (readonly [RegExp, string])[] = [
  [/[/\\]Cellar[/\\]/, 'brew upgrade catalyst'],
  [/[/\\]scoop[/\\]apps[/\\]/i, 'scoop update catalyst'],
  [/[/\\]WinGet[/\\]Packages[/\\]/i, 'winget upgrade CatalystBot.Catalyst'],
]

/** Package managers that install the npm package, or the wheel, in a folder of theirs. npm's and pip's are not listed. */
const NPM_LIKE: readonly (readonly [RegExp, string])[] = [
  [/[/\\]\.?pnpm[/\\]/, 'pnpm add --global catalyst-bot@latest'],
  [/[/\\]yarn[/\\]/i, 'yarn global add catalyst-bot@latest'],
  [/[/\\]\.bun[/\\]/, 'bun add --global catalyst-bot@latest'],
]
const PIP_LIKE: readonly (readonly [RegExp, string])[] = [
  [/[/\\]pipx[/\\]/, 'pipx upgrade catalyst-bot'],
  [/[/\\]uv[/\\]tools[/\\]/, 'uv tool upgrade catalyst-bot'],
]

const RESTART: UpdateStep = {
  text: 'Let the services run the new version, one by one, each only once the one before works',
  command: 'catalyst service upgrade',
}
const INSTALL_AGAIN: UpdateStep = {
  text: 'With the new catalyst, for each home with a service (catalyst ls lists the homes)',
  command: 'catalyst service install --home FOLDER',
}

/** Returns what updates an installation, in this order. */
export function updateSteps(form: Form, folder: string): UpdateStep[] {
  const managed = commandFor(MANAGERS, folder)
  if (managed !== undefined) return [{ text: 'Let the package manager do it', command: managed }, INSTALL_AGAIN]
  switch (form) {
    case 'npm': {
      const command = commandFor(NPM_LIKE, folder) ?? 'npm install --global catalyst-bot@latest'
      return [{ text: 'Install the newest version', command }, RESTART]
    }
    case 'wheel': {
      const command = commandFor(PIP_LIKE, folder) ?? 'python3 -m pip install --upgrade catalyst-bot'
      return [{ text: 'Install the newest version', command }, RESTART]
    }
    case 'clone':
      return [
        { text: 'Fetch the newest sources', command: `git -C ${quoteWord(folder)} pull --ff-only` },
        { text: 'Build them', command: `npm --prefix ${quoteWord(folder)} ci` },
        RESTART,
      ]
    case 'deb':
      return [
        { text: 'Install the newer package', command: 'sudo apt install ./catalyst_VERSION_ARCH.deb' },
        { text: 'It restarts the services one by one, each only once the one before works', command: null },
      ]
    case 'image':
      return [
        { text: 'Name the newer image where this one is named, such as in compose.yaml', command: null },
        { text: 'Start the container from it', command: 'docker compose up --detach' },
      ]
    case 'tarball':
    case 'zip':
      return [
        {
          text: `Unpack the newer archive in ${dirname(folder)}, beside this folder, which the services still run`,
          command: null,
        },
        INSTALL_AGAIN,
        { text: 'Then remove the old folder', command: null },
      ]
    case 'unknown':
      return [
        { text: `Put the newer files in place of ${folder}, as you have put these there`, command: null },
        RESTART,
      ]
  }
}

function commandFor(table: readonly (readonly [RegExp, string])[], folder: string): string | undefined {
  return table.find(([pattern]) => pattern.test(folder))?.[1]
}
