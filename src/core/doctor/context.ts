import { installedRoles, processOf, servicesAsInstalled } from '#core/condition/gather.js'
import type { BotFile } from '#core/home/bot-file.js'
import type { Home } from '#core/home/home.js'
import type { Role } from '#core/service/manager.js'
import { hasServiceManager } from '#core/service/open-services.js'
import type { Services } from '#core/service/services.js'

/** What all checks look at. What several of them need is read once. */
export interface Context {
  /** The home, with the settings of its bot, and the environment that the bot sees. */
  readonly home: Home
  readonly platform: NodeJS.Platform
  /** The PATH that the bot has as a service. */
  readonly servicePath: string | undefined
  readonly hasServiceManager: boolean
  /** Returns the roles whose services are installed. */
  roles(): readonly Role[]
  /** Opens the services; only where one is installed. */
  services(): Promise<Services>
  /** Returns the bot that runs. */
  bot(): Promise<BotFile | undefined>
}

/** Returns the context of a home on this machine. */
export function contextOf(home: Home, servicePath: string | undefined): Context {
  const { platform } = process
  return {
    home,
    platform,
    servicePath,
    hasServiceManager: hasServiceManager(platform),
    roles: () => installedRoles(home),
    services: once(() => servicesAsInstalled(home)),
    bot: once(async () => (await processOf(home)).bot),
  }
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined
  return () => {
    found ??= read()
    return found
  }
}
