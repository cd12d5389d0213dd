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

// no test adds to the registry of homes of the user who runs it
process.env.XDG_CONFIG_HOME = '/dev/null/none'

/** What one test leaves behind, no other finds. A test that needed another try is named: it is a fault to look for. */
export const mochaHooks = {
  afterEach(this: Mocha.Context) {
    removeTempFolders()
    const { currentTest: test } = this
    const retries = (test as unknown as { currentRetry(): number } | undefined)?.currentRetry() ?? 0
    if (retries > 0 && test?.isPassed()) process.stderr.write(`\nFLAKY: ${test.fullTitle()}\n`)
  },
}
