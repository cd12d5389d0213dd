/**
 * Returns the process that NSSM supervises, by `nssm processes`: it lists NSSM itself, and its descendants indented by
 * one more blank for each generation. A console's host doesn't count.
 */
export function applicationPid(text: string): number | null {
  const children = [...text.matchAll(/^ *(\d+) {2}(\S.*)$/gm)]
  const found = children.find(([, , path = '']) => !/\\conhost\.exe\s*$/i.test(path))
  return found ? Number(found[1]) : null
}

/** The exit code of a service that was never started since the machine was: no failure. */
const NEVER_STARTED = 1077
/** The exit code that stands for the program's own one, in the next line. */
const SPECIFIC_ERROR = 1066

/**
 * Returns how a stopped service exited, by the output of `sc queryex`; undefined if that was no failure. `exit` is the
 * program's own. The printed words differ by language, but only two lines are a number and the same in hexadecimal:
 * Windows' exit code, then the service's own.
 */
export function endOf(text: string): { readonly exit?: number; readonly words: string } | undefined {
  const [windows = 0, own = 0] = [...text.matchAll(/: *(\d+) +\(0x([0-9a-f]+)\)/gi)]
    .filter(([, decimal, hex]) => Number(decimal) === Number.parseInt(hex as string, 16))
    .map(([, decimal]) => Number(decimal))
  if (windows === 0 || windows === NEVER_STARTED) return undefined
  return windows === SPECIFIC_ERROR
    ? { exit: own, words: `exit code ${own}` }
    : { words: `error ${windows} of Windows` }
}
