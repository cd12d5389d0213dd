import type { HomePaths } from './home-paths.js'
import { readJson, writeJson } from './json-file.js'

/** A service as we installed it, so that a change by others can be told from a change of ours. */
export interface InstalledService {
  readonly name: string
  readonly manager: string
  readonly scope: 'system' | 'user'
  /** Who it runs as, where that was chosen. */
  readonly account?: string
  /** What it is made of, as text. */
  readonly definition: string
  /** The node and the command line that it runs, and node's version then. */
  readonly node: string
  readonly node_version: string
  readonly cli: string
  /** ISO 8601. */
  readonly at: string
}

/** A name that every service manager takes, and that is a name and nothing else. */
export const SERVICE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/

/** `.catalyst/state/services.json`: what this home has installed. */
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
