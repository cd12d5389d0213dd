import { botEnvironment } from '#core/bot/environment.js'
import { askRuntimeFault } from '#core/bot/runtime/read-runtime.js'
import type { RuntimeFault } from '#core/bot/runtime/runtime-fault.js'
import { type Release, Releases } from '#core/deploy/releases/releases.js'
import type { Home } from '#core/home/home.js'

/** Returns what is wrong with the runtime under a release on disk, for the bot that the settings name. */
export function faultUnder(
  home: Home,
  release: Pick<Release, 'name' | 'subfolder'>,
): Promise<RuntimeFault | undefined> {
  const { paths, settings, config, owner } = home
  const folder = new Releases(home).workFolderOf(release)
  // a service has the PATH of its entry; a PATH of .env is that of both
  const environment = botEnvironment({ PATH: process.env.PATH ?? '', ...config.environment }, {})
  return askRuntimeFault({ paths, release: { name: release.name, folder }, settings, environment }, owner)
}

/** Returns whether a bot could run in a release, as far as its runtime is concerned. */
export async function isRunnable(home: Home, release: Pick<Release, 'name' | 'subfolder'>): Promise<boolean> {
  return !(await faultUnder(home, release))?.isSure
}
