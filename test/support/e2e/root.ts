import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of this repository. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The program under test: this repository's, unless another one is named. */
export const BIN = process.env.CATALYST_BIN ?? join(ROOT, 'bin', 'run.js')
