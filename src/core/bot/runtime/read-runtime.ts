import { basename, join } from 'node:path'
import { pathOf } from '#core/bot/environment.js'
import { commandWords } from '#core/config/command-words.js'
import type { Settings } from '#core/config/schema.js'
import type { ActiveRelease } from '#core/home/active-release.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { realPath } from '#core/platform/fs/files.js'
import { readJson } from '#core/platform/fs/json-file.js'
import { actingAs, isForAnother, type User } from '#core/platform/process/users.js'
import { type NodeVersion, nodeOnDisk, THIS_NODE } from './native-modules.js'
import { type RuntimeFacts, type RuntimeFault, runtimeFault } from './runtime-fault.js'
import { askVersion, type FoundVenv, findVenvs } from './venv.js'

/** A release, and the bot that is to run in it. */
export interface ReleaseUse {
  readonly paths: HomePaths
  readonly release: Pick<ActiveRelease, 'name' | 'folder'>
  readonly settings: Pick<Settings, 'BOT_COMMAND' | 'BOT_MODULE'>
  /** The environment of the bot. */
  readonly environment: Readonly<Record<string, string>>
}

/** Returns what is wrong with the runtime under a release, as far as its files tell. It takes no time worth mentioning. */
export function readRuntimeFault(use: ReleaseUse): RuntimeFault | undefined {
  return runtimeFault(readFacts(use, THIS_NODE))
}

/** Returns the same, and asks interpreters for what their files don't tell. Reads and asks as the owner of the home. */
export async function askRuntimeFault(use: ReleaseUse, owner: User): Promise<RuntimeFault | undefined> {
  const facts = actingAs(owner, () => readFacts(use, THIS_NODE))
  const as = isForAnother(owner) ? owner : undefined
  return runtimeFault({
    ...facts,
    venvs: await Promise.all(facts.venvs.map((venv) => askVersion(venv, as))),
    node: facts.node && { ...facts.node, now: await nodeOnDisk() }, // an upgrade may have replaced the one that runs us
  })
}

type ReadFacts = Omit<RuntimeFacts, 'venvs'> & { readonly venvs: readonly FoundVenv[] }

function readFacts(use: ReleaseUse, now: NodeVersion): ReadFacts {
  const { paths, release, settings } = use
  const top = join(paths.releases, release.name)
  const { tag, node_abi } = readManifest(paths, release.name)
  const isLoadedByUs = typeof node_abi === 'string' && runsWithOurNode(use)
  return {
    version: tag ?? release.name,
    venvs: findVenvs(top, release.folder, settings.BOT_COMMAND),
    node: isLoadedByUs ? { builtAbi: node_abi, now } : undefined,
  }
}

/** The fields of a release's manifest that matter here. Those made by an older version have no `node_abi`. */
interface Manifest {
  readonly tag?: string | null
  readonly node_abi?: string | null
}

function readManifest(paths: HomePaths, name: string): Manifest {
  const isText = (value: unknown) => value === undefined || value === null || typeof value === 'string'
  const path = join(paths.releases, `${name}.json`)
  return readJson<Manifest>(path, ({ tag, node_abi }) => isText(tag) && isText(node_abi)) ?? {}
}

/** Programs that node runs. */
const BY_NODE = /^(node|npm|npx)$/

/** Returns whether the node of this process also runs the bot: a program may have another one. */
function runsWithOurNode({ settings, environment }: ReleaseUse): boolean {
  const { BOT_COMMAND, BOT_MODULE } = settings
  if (BOT_COMMAND === undefined) return BOT_MODULE !== undefined
  const [program = ''] = commandWords(BOT_COMMAND)
  if (!BY_NODE.test(basename(program).replace(/\.(exe|cmd)$/i, ''))) return false
  const ours = realPath(process.execPath)
  if (/[\\/]/.test(program)) return realPath(program) === ours
  return nodeInPath(environment) === ours
}

function nodeInPath(environment: Readonly<Record<string, string>>, platform = process.platform): string | undefined {
  const path = pathOf(environment) ?? ''
  const [delimiter, name] = platform === 'win32' ? [';', 'node.exe'] : [':', 'node']
  const found = path.split(delimiter).map((folder) => (folder === '' ? undefined : realPath(join(folder, name))))
  return found.find((one) => one !== undefined)
}
