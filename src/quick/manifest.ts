import type { Command } from '@oclif/core'
import { nameHome } from '#cli/name-home.js'
import { readText } from '#core/platform/fs/files.js'
import { packageFile } from '#core/platform/package.js'

/** Reads a JSON file of this package, which the build has made or checked. */
export function readPackaged(file: 'package.json' | 'oclif.manifest.json') {
  return JSON.parse(readText(packageFile(file)) ?? '{}')
}

/** Returns all commands by their ids, as oclif has written them down. */
export function readCommands(): Readonly<Record<string, Command.Loadable>> {
  return readPackaged('oclif.manifest.json').commands
}

/** Returns a text with the home in each command to type, if this command line named it: see {@link nameHome}. */
export function named(text: string, words: readonly string[]): string {
  return nameHome(text, { argv: words, ids: Object.keys(readCommands()) })
}
