import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { ROOT } from '../../support/e2e/root.js'
import { until } from '../../support/e2e/until.js'

describe('e2e: a bot that is busy', () => {
  const { moduleHome } = endToEnd()

  it('with files is asked all the same', async () => {
    const home = moduleHome(
      `import { readFile, writeFile } from 'node:fs/promises'
      import { join } from 'node:path'
      const megabyte = Buffer.alloc(1024 * 1024)
      export default {
        name: 'busy',
        async cycle(ctx) {
          const paths = Array.from({ length: 16 }, (_, n) => join(ctx.dataFolder, 'busy-' + n))
          while (!ctx.signal.aborted) {
            await Promise.all(paths.map(async (path) => {
              await writeFile(path, megabyte)
              await readFile(path)
            }))
            ctx.recordCycle()
          }
        },
      }`,
    )
    await home.healthy()
    for (let n = 0; n < 20; n++) expect(await home.ask('/health/ping')).to.include({ status: 200, body: 'ok\n' })
    expect((await home.catalyst(['health', 'check'])).code).to.equal(0)
  })

  it('goes on with a full disk behind its screen', async () => {
    if (process.platform !== 'linux') return
    const home = moduleHome("export default { name: 'b', cycle: (ctx) => ctx.log.error('a line') }")
    const full = openSync('/dev/full', 'w')
    const bot = spawn(process.execPath, [`${ROOT}/bin/run.js`, 'bot', 'start', '--home', home.path()], {
      stdio: ['ignore', full, full],
      env: { PATH: process.env.PATH },
    })
    const ended = new Promise((resolve) => bot.once('exit', resolve))
    try {
      await home.status('healthy')
      const { total_cycles } = await home.health()
      await until(async () => (await home.health()).total_cycles > total_cycles + 3)
    } finally {
      bot.kill('SIGTERM')
      closeSync(full)
    }
    expect(await ended).to.equal(0)
  })
})
