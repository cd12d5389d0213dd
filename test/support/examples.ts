/** The examples, as their README tells to use them. */
import fs from 'node:fs'
import { join } from 'node:path'
import type { Home } from './e2e/home.js'
import { ROOT } from './e2e/root.js'

const FOLDER = join(ROOT, 'examples')

/** The line for `.env` that the README's table has for an example. */
function settingOf(name: string): [string, string] {
  const row = fs
    .readFileSync(join(FOLDER, 'README.md'), 'utf8')
    .match(new RegExp(`^\\| *\\[${name}\\].*\`(\\w+)=(.*)\` *\\|$`, 'm'))
  if (!row) throw new Error(`examples/README.md has no line for ${name}`)
  return [row[1] as string, row[2] as string]
}

/** Makes the home one of the example: its files, and its line in `.env`. */
export function useExample(home: Home, name: string, settings: Record<string, string> = {}): void {
  fs.cpSync(join(FOLDER, name), home.folder, { recursive: true })
  home.writeSettings({ HEALTH_CHECK_PORT: '0', ...Object.fromEntries([settingOf(name)]), ...settings })
}
