import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import type { HomePaths } from './home-paths.js'

/** A service as we installed it, so that a change by others can be told from a change of ours. */
export interface InstalledService {
  readonly name: string
  readonly manager: string
  readonly scope: 'system' | 'user'
  /** The account that it runs as, if one was chosen. */
  readonly account?: string
  /** Its definition, as text. */
  readonly definition: string
  /** The node and the command line that it runs, and node's version at that time. */
  readonly node: string
  readonly node_version: string
  readonly cli: string
  /** The time of the installation, ISO 8601. */
  readonly at: string
}

/** A name that every service manager takes, and that is a name and nothing else. */
export const SERVICE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/

/** The content of `.catalyst/state/services.json`: the services that this home has installed. */
export type InstalledServices = Readonly<Partial<Record<'bot' | 'watchdog', InstalledService>>>

export function readInstalled(paths: HomePaths): InstalledServices {
  return readJson<InstalledServices>(paths.services, ({ bot, watchdog }) => isEntry(bot) && isEntry(watchdog)) ?? {}
}

export function writeInstalled(paths: HomePaths, services: InstalledServices): void {
  writeJson(paths.services, services)
}

function isEntry(value: unknown): boolean {
  if (value === undefined) return true
  const { name, manager, scope, definition, node, node_version, cli } = value as Record<string, unknown>
  if (typeof name !== 'string' || !SERVICE_NAME.test(name.replace(/-watchdog$/, ''))) return false
  const texts = [manager, definition, node, node_version, cli]
  return (scope === 'system' || scope === 'user') && texts.every((field) => typeof field === 'string')
}
