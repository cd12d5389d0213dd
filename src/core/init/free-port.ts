import { parseEnvFile } from '#core/config/env-file.js'
import { SCHEMA } from '#core/config/schema.js'
import { homePaths } from '#core/home/home-paths.js'
import { registeredHomes, registryPath } from '#core/home/registry.js'
import { readText } from '#core/platform/fs/files.js'
import { portHolder } from '#core/platform/net/port-holder.js'
import type { User } from '#core/platform/process/users.js'

const FIRST = Number(SCHEMA.HEALTH_CHECK_PORT.default)
const MOST_TRIED = 200

/** Returns the first port, from the default on, that no program listens on and no other home of this user names. */
export async function freePort(user: User, home: string): Promise<number> {
  const taken = portsOf(registeredHomes(registryPath(user)).filter((one) => one !== home))
  for (let port = FIRST; port < FIRST + MOST_TRIED; port++) {
    if (!taken.has(port) && (await portHolder(port)) === undefined) return port
  }
  return 0
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
