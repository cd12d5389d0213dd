import { parseEnvFile } from '#core/config/env-file.js'
import { SCHEMA } from '#core/config/schema.js'
import { homePaths } from '#core/home/home-paths.js'
import { registeredHomes, registryPath } from '#core/home/registry.js'
import { readText } from '#core/platform/fs/files.js'
import { portHolder } from '#core/platform/net/port-holder.js'
import type { User } from '#core/platform/process/users.js'

const FIRST = Number(SCHEMA.HEALTH_CHECK_PORT.default)
const MOST_TRIED = 200

/**
 * Returns the first port, from the default on, that no other home of this user names and no program listens on, but the
 * home's own bot with the process id `bot`.
 */
export async function freePort(user: User, home: string, bot: number | undefined): Promise<number> {
  const taken = portsOf(registeredHomes(registryPath(user)).filter((one) => one !== home))
  for (let port = FIRST; port < FIRST + MOST_TRIED; port++) {
    if (!taken.has(port) && (await isFreeFor(bot, port))) return port
  }
  return 0
}

async function isFreeFor(bot: number | undefined, port: number): Promise<boolean> {
  const holder = await portHolder(port)
  return holder === undefined || holder.pid === bot
}

function portsOf(homes: readonly string[]): ReadonlySet<number> {
  return new Set(homes.map((home) => Number(settingsOf(home).HEALTH_CHECK_PORT || FIRST)))
}

function settingsOf(home: string): Readonly<Record<string, string>> {
  try {
    return parseEnvFile(readText(homePaths(home).env) ?? '').values
  } catch {
    return {} // it is not ours to read
  }
}
