import { removeTempFolders } from './temp.js'

// what is shown in the reader's own time is the same text everywhere
process.env.TZ = 'UTC'
// the files of the tests have the permissions that they are expected to have, whoever runs them
process.umask(0o022)
// servers of this machine are asked directly, and what node prints is plain
for (const name of ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy', 'force_color']) {
  delete process.env[name]
  delete process.env[name.toUpperCase()]
}

/** What one test leaves behind, no other finds. */
export const mochaHooks = {
  afterEach: removeTempFolders,
}
