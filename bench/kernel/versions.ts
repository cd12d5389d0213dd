import { createRequire } from 'node:module'
import { PM2 } from './pm2.js'
import type { Scratch, Words } from './scratch.js'

const PROGRAMS: Readonly<Record<string, Words>> = {
  git: ['git', '--version'],
  grep: ['grep', '--version'],
  systemd: ['systemctl', '--version'],
  supervisord: ['supervisord', '--version'],
  restic: ['restic', 'version'],
}

/** Returns the versions of what is measured against; null for what is not here. pm2 is installed where a section wants it. */
export async function yardstickVersions(scratch: Scratch): Promise<Record<string, string | null>> {
  const pino = (createRequire(import.meta.url)('pino/package.json') as { version: string }).version
  const versions: Record<string, string | null> = { pino, pm2: PM2.replace('pm2 ', '') }
  for (const [name, words] of Object.entries(PROGRAMS))
    versions[name] = versionIn(await scratch.output(words).catch(() => ''))
  return versions
}

function versionIn(text: string): string | null {
  return /\d+(\.\d+)*/.exec(text)?.[0] ?? null
}

/** Returns the versions in one line. */
export function versionsText(versions: Readonly<Record<string, string | null>>): string {
  return `beside ${Object.entries(versions)
    .map(([name, version]) => (version === null ? `${name} (not here)` : `${name} ${version}`))
    .join(', ')}`
}
