import { posix, win32 } from 'node:path'

/** The command line of an interpreter: which flags take no value, and what the script's name can lack. */
interface Interpreter {
  readonly name: RegExp
  /** Flags that take no value of their own, so that the next word may be the script. */
  readonly flags: RegExp
  /** The endings of the script's name that can be left out. */
  readonly results?: readonly string[]
  /** The subcommand before the script. */
  readonly command?: RegExp
  /** Returns whether a word is certainly a script; else it may be a command or an entry of package.json. */
  readonly isScript?: (word: string) => boolean
}

const hasEnding = (word: string) => /\.\w{1,4}$/.test(word)

const INTERPRETERS: readonly Interpreter[] = [
  {
    name: /^node(js)?$/,
    flags:
      /^--?[\w-]+=|^--(enable-source-maps|no-warnings|no-deprecation|use-strict|expose-gc|trace-[\w-]+|preserve-symlinks|experimental-strip-types|inspect)$/,
    results: ['.js', '.json', '.node'],
    isScript: (word) => word !== 'inspect',
  },
  { name: /^(python|pypy)[\d.]*w?$/, flags: /^-[bBdEhiIOPqsSuvVx]+$/ },
  { name: /^ruby[\d.]*$/, flags: /^-[vw]+$/ },
  { name: /^perl[\d.]*$/, flags: /^-[tTwW]+$/ },
  { name: /^php[\d.]*$/, flags: /^-[nq]$/ },
  // without a slash they look in PATH, too
  { name: /^(ba|da|k|z)?sh$/, flags: /^-[eux]+$/, isScript: (word) => word.includes('/') || hasEnding(word) },
  {
    name: /^deno$/,
    command: /^run$/,
    flags: /^-[AqR]+$|^--(allow|deny|no|unstable|quiet)[\w-]*(=.*)?$|^--[\w-]+=/,
    isScript: hasEnding,
  },
  { name: /^bun$/, command: /^run$/, flags: /^--(smol|bun|silent)$|^--[\w-]+=/, isScript: hasEnding },
]

/**
 * Returns the script that a command line has an interpreter run, as the paths where it may be; undefined where that
 * isn't certain: a module (`-m`), code (`-c`), an address, a flag that may have a value.
 */
export function scriptOf(
  [program = '', ...args]: readonly string[],
  folder: string,
  platform: NodeJS.Platform,
): { word: string; paths: readonly string[] } | undefined {
  const { resolve, basename } = platform === 'win32' ? win32 : posix
  const name = basename(program).replace(/\.exe$/i, '')
  const interpreter = INTERPRETERS.find((one) => one.name.test(name))
  if (interpreter === undefined) return undefined
  const { flags, command, results = [], isScript = () => true } = interpreter
  const rest = command?.test(args[0] ?? '') ? args.slice(1) : args
  const word = rest.find((one) => !flags.test(one))
  if (word === undefined || word.startsWith('-') || /^[a-z]{2,}:/i.test(word) || !isScript(word)) return undefined
  return { word, paths: ['', ...results].map((result) => resolve(folder, word + result)) }
}
