import { join } from 'node:path'
import { refusalOf } from '#core/bot/runners/find-program.js'
import { readConfig } from '#core/config/load.js'
import { openRepository } from '#core/deploy/git/repository.js'
import { CatalystError } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import { openBotFiles } from '#core/init/bot-files.js'
import type { Existing } from '#core/init/existing.js'
import { type FirstVersion, firstVersion } from '#core/init/first-version.js'
import { freePort } from '#core/init/free-port.js'
import type { Scope } from '#core/service/manager.js'
import { hasServiceManager, servicesOfHome } from '#core/service/open-services.js'
import { nameOf } from '#core/service/services.js'
import type { InitFacts } from './interview.js'

/** Gathers what the questions depend on: the bot's files, a free port, the service manager, the repository. */
export async function gatherFacts(home: Home, existing: Existing, scope: Scope | undefined): Promise<InitFacts> {
  const { folder } = home.owner
  const files = openBotFiles(
    home.paths.home,
    process.platform === 'linux' ? ['/etc/systemd/system', join(folder, '.config/systemd/user')] : [],
  )
  return {
    existing,
    files,
    freePort: await freePort(home.owner, home.paths.home, (await home.runningBot())?.pid),
    seesConnections: process.platform === 'linux' && hasProgram('ss', home.paths.home),
    serviceFault: await serviceFault(home, scope),
    version: await versionHere(home, files),
  }
}

function hasProgram(name: string, folder: string): boolean {
  return refusalOf(name, { folder, path: process.env.PATH, platform: process.platform }) === undefined
}

/** Returns why no service can be installed for this home by this user; undefined where one can. */
async function serviceFault(home: Home, scope: Scope | undefined): Promise<string | undefined> {
  // a user's own manager is also asked where none runs
  if (!hasServiceManager(process.platform))
    return 'this machine has no service manager, as in a container or in WSL without systemd.'
  try {
    const config = home.asOwner(() => readConfig(home.paths.home, { NSSM_PATH: process.env.NSSM_PATH }))
    const services = await servicesOfHome(home.clock, home.paths, config, { scope })
    await services.manager.read(nameOf(services, 'bot'))
    return undefined
  } catch (error) {
    if (error instanceof CatalystError) return error.message
    throw error
  }
}

async function versionHere(home: Home, files: InitFacts['files']): Promise<FirstVersion> {
  try {
    const { git } = await openRepository(home)
    return await firstVersion(git, files)
  } catch (error) {
    if (error instanceof CatalystError) return { is: 'impossible', why: error.message }
    throw error
  }
}
