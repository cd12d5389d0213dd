import { join } from 'node:path'
import { findFiles, hasWord } from '#core/platform/fs/find-files.js'
import { run } from '#core/platform/process/processes.js'

/** A node, by the version of the interface that its native modules are built for. */
export interface NodeVersion {
  /** `process.versions.modules`, such as `127`. */
  readonly abi: string
  /** Such as `v22.3.0`. */
  readonly version: string
}

/** The node that runs this process. */
export const THIS_NODE: NodeVersion = { abi: process.versions.modules, version: process.version }

/**
 * The symbols of a module that fits one version of node alone. One that goes by Node-API has others, and fits any:
 * https://nodejs.org/api/n-api.html
 */
const BOUND = ['node_register_module_v', 'node_module_register']

/** The folder in which a package brings its modules along for several versions of node: which one fits shows at the start. */
const LEFT_OUT = ['prebuilds']

/** The number of files and folders after which the search ends: a large installation has some hundred thousand. */
const MOST_ENTRIES = 500_000

/** Returns whether native modules below these folders' `node_modules` fit the node alone that they were built with. */
export function hasBoundModules(folders: readonly string[]): boolean {
  const limits = { mostEntries: MOST_ENTRIES, leaveOut: LEFT_OUT }
  return [...new Set(folders)].some((folder) =>
    findFiles(join(folder, 'node_modules'), '.node', limits).some((file) => hasWord(file, BOUND)),
  )
}

const ASK_TIMEOUT_MS = 10_000

/**
 * Asks the node at our own path for its version. After an upgrade it is another one than the one that runs us; what we
 * start, such as npm, is run by that one.
 */
export async function nodeOnDisk(): Promise<NodeVersion> {
  const question = 'JSON.stringify({ abi: process.versions.modules, version: process.version })'
  const { exit, stdout } = await run(process.execPath, ['-p', question], { timeoutMs: ASK_TIMEOUT_MS })
  return exit === 0 ? JSON.parse(stdout) : THIS_NODE
}
