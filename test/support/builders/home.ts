import fs from 'node:fs'
import { Home } from '#core/home/home.js'
import { homePaths } from '#core/home/home-paths.js'
import type { Clock } from '#core/platform/clock.js'
import { FakeClock } from '../fake-clock.js'
import { tempFolder } from '../temp.js'

/** Opens a home in a folder; where none is given, in a new one with these settings. */
export function aHome({
  folder = tempFolder(),
  clock = new FakeClock(),
  env,
}: {
  folder?: string
  clock?: Clock
  env?: string
} = {}): Home {
  const paths = homePaths(folder)
  fs.mkdirSync(paths.state, { recursive: true })
  if (env !== undefined) fs.writeFileSync(paths.env, env, { mode: 0o640 })
  return Home.open(clock, paths, {})
}
