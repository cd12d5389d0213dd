import { dirname } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { realPath } from '#core/platform/fs/files.js'
import { isOwnNode, packageFile } from '#core/platform/package.js'
import { lastingPath, stabilityOf } from './stable-path.js'

/** The node and the command line that a service runs: the current ones, by paths that last. */
export interface Runtime {
  readonly node: string
  readonly cli: string
  /** Node's version. */
  readonly nodeVersion: string
  readonly warnings: readonly string[]
}

/**
 * Returns the current runtime.
 * @throws CatalystError SERVICE_PATH_UNSTABLE for a path that will soon be gone
 */
export function thisRuntime(): Runtime {
  const node = lastingPath(realPath(process.execPath) ?? process.execPath, 'node', realPath)
  const bin = packageFile('bin', 'run.js')
  const cli = lastingPath(realPath(bin) ?? bin, 'catalyst', realPath)
  return {
    node,
    cli,
    nodeVersion: process.version,
    warnings: [warningFor('node', node), warningFor('catalyst', cli)].flat(),
  }
}

function warningFor(what: string, path: string): string[] {
  const stability = stabilityOf(path)
  if (stability === 'stable') return []
  if ('warning' in stability) {
    return [
      `${what} is in a folder of ${stability.warning} (${path}): when that version is removed, the service can't start. To repair it then, run 'catalyst service install' again.`,
    ]
  }
  throw new CatalystError(`A service can't run ${what} from ${path}: it is in ${stability.refused}.`, {
    code: 'SERVICE_PATH_UNSTABLE',
    exit: EXIT.failed,
    suggestions:
      what === 'node'
        ? ['Run it with an installed node: /usr/bin/node "$(command -v catalyst)" service install']
        : ['Install it permanently, then install the service: npm install --global catalyst-bot'],
  })
}

const SYSTEM_PATH: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  darwin: ['/opt/homebrew/bin', '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'],
}

/**
 * Returns PATH for a service: the folder of its node first, so that a BOT_COMMAND that begins with `node` or `npm`
 * means the same as in the terminal it was tried in. There the node of a self-contained installation isn't in PATH, so it
 * isn't here. On Windows services get the machine's own PATH.
 */
export function pathVariable(
  { node, cli }: Pick<Runtime, 'node' | 'cli'>,
  platform: NodeJS.Platform,
): string | undefined {
  const folders = SYSTEM_PATH[platform]
  const first = isOwnNode(node, cli) ? [] : [dirname(node)]
  return folders && [...new Set([...first, ...folders])].join(':')
}

/** Returns the PATH that a service of this installation would have. */
export function pathOfServices(): string | undefined {
  return pathVariable({ node: process.execPath, cli: packageFile('bin', 'run.js') }, process.platform)
}
