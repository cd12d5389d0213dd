import type { NodeVersion } from './native-modules.js'

/** A virtual environment of Python in a release. */
export interface Venv {
  /** Its folder, relative to the release's top, such as `.venv`. */
  readonly name: string
  /** True where BOT_COMMAND names a program in it. */
  readonly isNamed: boolean
  /** The version of Python that it was built with, such as `3.11`; undefined where that isn't known. */
  readonly built: string | undefined
  /** True where its interpreter is there. */
  readonly isThere: boolean
  /** The version of the interpreter that it leads to by now, or of the one that came in its place. */
  readonly now: string | undefined
}

/** The facts about the runtime under a release. */
export interface RuntimeFacts {
  /** The release's tag, or its name. */
  readonly version: string
  readonly venvs: readonly Venv[]
  /** The node of its native modules, and the one that would load them; undefined where that is known of neither. */
  readonly node: { readonly builtAbi: string; readonly now: NodeVersion } | undefined
}

/** A runtime that is not the one that a release was built with. */
export interface RuntimeFault {
  /** A sentence that says what is gone or has changed. */
  readonly text: string
  /** True where the bot can't run so; false where that is only likely, since BOT_COMMAND doesn't name what is broken. */
  readonly isSure: boolean
}

/**
 * Returns what is wrong with the runtime under a release. A virtual environment that BOT_COMMAND names counts before
 * any other: others may be of no use to the bot.
 */
export function runtimeFault({ version, venvs, node }: RuntimeFacts): RuntimeFault | undefined {
  const named = venvs.filter(({ isNamed }) => isNamed)
  for (const venv of named.length > 0 ? named : venvs) {
    const text = venvFault(version, venv)
    if (text !== undefined) return { text, isSure: venv.isNamed }
  }
  if (node === undefined || node.builtAbi === node.now.abi) return undefined
  const { abi, version: now } = node.now
  const text = `The native modules of ${version} were built for another node: for ABI ${node.builtAbi}, and ${now} has ABI ${abi}.`
  return { text, isSure: true }
}

function venvFault(version: string, { name, built, isThere, now }: Venv): string | undefined {
  const python = built === undefined ? 'Python' : `Python ${built}`
  if (!isThere) {
    const instead = now === undefined || now === built ? '' : ` (now ${now})`
    return `The ${python} that ${version}'s ${name} was built with is gone${instead}.`
  }
  if (built === undefined || now === undefined || built === now) return undefined
  return `${version}'s ${name} was built with ${python}, and leads to Python ${now} now.`
}

/** Returns the sentence with what to type next. */
export function withRemedy({ text }: RuntimeFault): string {
  return `${text} Rebuild it: catalyst deploy repair`
}
