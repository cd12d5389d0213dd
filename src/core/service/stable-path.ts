/**
 * The stability of a path: whether it will still lead to the same program after a reboot and an update. Most services
 * that die months later die of one that didn't.
 */
export type Stability = 'stable' | { readonly refused: string } | { readonly warning: string }

const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/[/\\]_npx[/\\]/, "npx's cache, which npm empties"],
  [/[/\\](pnpm[/\\])?dlx[-/\\]/, "pnpm's or yarn's dlx cache, which is emptied"],
  [/[/\\]bunx-/, "bunx's cache, which is emptied"],
  [/[/\\]fnm_multishells[/\\]/, "fnm's folder of one terminal, which ends with it"],
]

const MANAGERS: readonly (readonly [RegExp, string])[] = [
  [/[/\\]\.?nvm[/\\]/i, 'nvm'],
  [/[/\\]\.?fnm[/\\]node-versions[/\\]/i, 'fnm'],
  [/[/\\]\.?volta[/\\]/i, 'Volta'],
  [/[/\\]\.asdf[/\\]/, 'asdf'],
  [/[/\\](mise|rtx)[/\\]installs[/\\]/, 'mise'],
  [/[/\\]\.proto[/\\]tools[/\\]/, 'proto'],
  [/[/\\]pnpm[/\\]nodejs[/\\]/, 'pnpm'],
  [/[/\\]\.?nodenv[/\\]/, 'nodenv'],
  [/[/\\]nvs[/\\]/, 'nvs'],
  [/[/\\]scoop[/\\]apps[/\\][^/\\]+[/\\](?!current[/\\])/i, 'Scoop'],
  [/[/\\]WinGet[/\\]Packages[/\\]/i, 'WinGet'],
  [/[/\\]Cellar[/\\]/, "Homebrew's versions"],
]

export function stabilityOf(path: string): Stability {
  const refused = REFUSED.find(([pattern]) => pattern.test(path))
  if (refused) return { refused: refused[1] }
  const manager = MANAGERS.find(([pattern]) => pattern.test(path))
  return manager ? { warning: manager[1] } : 'stable'
}

/** Folders whose entries stay while their targets are updated. */
const SYSTEM_FOLDERS = ['/usr/local/bin', '/usr/bin', '/opt/homebrew/bin', '/snap/bin']

/** A folder of one version, beside which the .deb keeps a link `current` to the one in force. */
const VERSION_FOLDER = /^(.+)\/versions\/[^/]+\/(.+)$/

/** Returns the path of a program by the link to the version in force, if it is of that version; else as it is. */
export function currentPath(realPath: string, realPathOf: (path: string) => string | undefined): string {
  const [, folder, file] = VERSION_FOLDER.exec(realPath) ?? []
  const current = `${folder}/current/${file}`
  return folder !== undefined && realPathOf(current) === realPath ? current : realPath
}

/**
 * Returns how a service is to call a program: by its real path, unless a name in a system folder leads there, or the link
 * to the version in force. Then by that, which outlives the next version.
 */
export function lastingPath(realPath: string, name: string, realPathOf: (path: string) => string | undefined): string {
  const known = SYSTEM_FOLDERS.map((folder) => `${folder}/${name}`)
  return known.find((path) => realPathOf(path) === realPath) ?? currentPath(realPath, realPathOf)
}
