import { BIN } from './root.js'

/** The number of a user, and of a group, that owns nothing. */
export const NOBODY = 65534

/** Declares a test that needs two users. */
export function asRoot(title: string, run: Mocha.AsyncFunc): void {
  if (process.getuid?.() === 0) it(title, run) // that of the file which asks: a worker loads this module once for many files
}

/** The code for `node -e` that runs the program as nobody, with the words behind `--`. */
export const AS_NOBODY = `process.setgroups([])
process.setgid(${NOBODY})
process.setuid(${NOBODY})
process.argv.splice(1, 0, ${JSON.stringify(BIN)})
require(process.argv[1])`
