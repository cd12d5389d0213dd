import type { BotFiles } from './bot-files.js'
import { type Candidate, type FoundBot, isRefused, type RefusedCommand } from './found-bot.js'
import { fromDockerfile } from './sources/dockerfile.js'
import { fromEcosystem } from './sources/ecosystem.js'
import { fromPackageJson } from './sources/package-json.js'
import { fromProcfile } from './sources/procfile.js'
import { fromPythonFiles } from './sources/python-files.js'
import { fromUnits } from './sources/unit.js'

/** The bots of a folder: the likeliest first. */
export interface Detection {
  readonly found: readonly FoundBot[]
  readonly refused: readonly RefusedCommand[]
}

/** The sources, those that say most precisely how the bot is run before those that it is guessed from. */
const SOURCES: readonly ((files: BotFiles) => Candidate[])[] = [
  fromUnits,
  fromEcosystem,
  fromProcfile,
  (files) => (files.has('package.json') ? fromPackageJson(files) : []),
  (files) => fromPythonFiles(files).filter(({ from }) => from.includes('pyproject') || from.includes('__main__')),
  fromDockerfile,
  fromPythonFiles,
  fromPackageJson,
]

/** Finds the bots of a folder by its files, of which none is run. The same command is named once. */
export function detect(files: BotFiles): Detection {
  const candidates = SOURCES.flatMap((source) => source(files))
  const found: FoundBot[] = []
  const refused: RefusedCommand[] = []
  for (const candidate of candidates) {
    if (isRefused(candidate)) {
      if (!refused.some(({ from }) => from === candidate.from)) refused.push(candidate)
    } else if (!found.some(({ words }) => words.join('\0') === candidate.words.join('\0'))) found.push(candidate)
  }
  return { found, refused }
}
