import { join } from 'node:path'
import { ROOT } from '../support/e2e/root.js'

/** The module that blocks the main thread of a program at SIGUSR2. */
export const STUCK = join(ROOT, 'test', 'programs', 'bots', 'stuck.mjs')

/** The folder of bots that know nothing of Catalyst. */
export const BOTS = join(ROOT, 'test', 'programs', 'bots')
