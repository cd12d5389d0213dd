import { expect } from 'chai'
import { endToEnd } from '../support/e2e.js'

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
})
