import { findHome, nearestHome } from '#core/config/home.js'
import { realPath } from '#core/platform/fs/files.js'

/** The flags that are known here; see {@link quickFlags}. */
export interface QuickFlags {
  readonly home: string | undefined
  readonly json: boolean
}

/** Reads flags with nothing but `--json` and `--home` in them; undefined for any other, and where oclif's variable is one. */
export function quickFlags(words: readonly string[]): QuickFlags | undefined {
  if (process.env.CATALYST_CONTENT_TYPE !== undefined) return undefined
  let home: string | undefined
  let json = false
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string
    if (word === '--json' && !json) json = true
    else if (word === '--home' && home === undefined && words[index + 1] !== undefined) home = words[++index]
    else if (word.startsWith('--home=') && home === undefined) home = word.slice('--home='.length)
    else return undefined
  }
  return home?.startsWith('-') ? undefined : { home, json }
}

/** Returns the home, where there is nothing to be said about how it was found. */
export function usualHome({ home: flag }: QuickFlags): string | undefined {
  const { CATALYST_HOME: environment } = process.env
  const { home, by, passedOver, unfit } = findHome({ flag, environment, cwd: process.cwd() })
  if (by === 'nothing' || passedOver.length > 0 || unfit !== undefined) return undefined
  if (by !== 'CATALYST_HOME') return home
  const here = nearestHome(process.cwd())
  return here.by === 'nothing' || realPath(here.home) === realPath(home) ? home : undefined
}
