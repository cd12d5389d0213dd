import { removeTempFolders } from './temp.js'

/** What one test leaves behind, no other finds. */
export const mochaHooks = {
  afterEach: removeTempFolders,
}
