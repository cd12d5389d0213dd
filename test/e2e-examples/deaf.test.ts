import { join } from 'node:path'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { NODE } from '../support/e2e/process.js'
import { ROOT } from '../support/e2e/root.js'
import { freePort } from '../support/e2e/server.js'

const EXAMPLES = join(ROOT, 'examples')

describe('e2e: the examples that know nothing of Catalyst', () => {
  const { home: newHome, run } = endToEnd()

  it('prove by their connections that they work, until their server is stopped', async () => {
    const examples = [
      {
        server: [process.execPath, join(EXAMPLES, 'websocket', 'gateway.mjs')],
        bot: `${NODE} ${join(EXAMPLES, 'websocket', 'bot.mjs')}`,
        url: (port: number) => ({ GATEWAY_URL: `ws://127.0.0.1:${port}` }),
      },
      {
        server: ['python3', join(EXAMPLES, 'longpoll', 'server.py')],
        bot: `python3 ${join(EXAMPLES, 'longpoll', 'bot.py')}`,
        url: (port: number) => ({ POLL_URL: `http://127.0.0.1:${port}/updates` }),
      },
    ]
    await Promise.all(
      examples.map(async ({ server: [program = '', ...args], bot, url }) => {
        const port = await freePort()
        const home = newHome({ ...url(port), BOT_COMMAND: bot, BOT_PROOF: 'network', WATCHDOG_FREEZE_THRESHOLD: '2' })
        const server = run(program, args, { folder: home.folder, env: { PORT: String(port) } })
        await home.started()
        await home.status('healthy')
        server.kill('SIGKILL')
        await home.status('unhealthy')
      }),
    )
  })
})
