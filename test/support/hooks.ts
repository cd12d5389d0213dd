import { removeTempFolders } from './temp.js'

// what is shown in the reader's own time is the same text everywhere
process.env.TZ = 'UTC'

/** What one test leaves behind, no other finds. */
export const mochaHooks = {
  afterEach: removeTempFolders,
}
