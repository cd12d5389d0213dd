import net, { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { ROOT } from '../../support/e2e/root.js'

describe('e2e: health check', () => {
  const { home: emptyHome, moduleHome, serve, run, closeLater } = endToEnd()

  it('--wait waits for a bot that is only just started', async () => {
    const home = moduleHome()
    const check = home.catalyst(['health', 'check', '--wait', '60'])
    await home.started()
    expect(await check).to.deep.include({ code: 0, stdout: 'healthy\n' })
  })

  it('--wait gives up in time', async () => {
    const began = performance.now()
    const { code, stdout } = await moduleHome().catalyst(['health', 'check', '--wait', '2'])
    expect(performance.now() - began).to.be.within(1000, 6000)
    expect(code).to.equal(2)
    expect(stdout).to.match(/^unreachable\n {2}no bot runs in /)
  })

  it('exits 0, 1 and 2 by the status, and --json prints the answer', async () => {
    const slow = "export default { name: 'slow', start() {}, stop() {} }"
    const [patient, home] = [moduleHome(slow), moduleHome(slow, { BOT_START_TIMEOUT: '1' })]
    expect((await home.catalyst(['health', 'check'])).code).to.equal(2)
    await Promise.all([patient.started(), home.started()])
    const starting = await patient.catalyst(['health', 'check', '--json'])
    expect(starting.code).to.equal(1)
    expect(JSON.parse(starting.stdout)).to.nested.include({ status: 'starting', 'report.status': 'starting' })
    await home.status('unhealthy')
    const { code, stdout } = await home.catalyst(['health', 'check'])
    expect(code).to.equal(2)
    expect(stdout).to.match(/^unhealthy\n {2}no cycle since the start /)
    const ping = await home.ask('/health/ping')
    expect(ping.status).to.equal(503)
    expect(ping.body).to.match(/^unhealthy: no cycle since the start /)
  })

  it('exits 2 while the process is stopped, and 0 when it goes on', async () => {
    const home = moduleHome()
    const bot = await home.healthy()
    bot.kill('SIGSTOP')
    const stopped = await home.catalyst(['health', 'check'])
    expect(stopped.code).to.equal(2)
    expect(stopped.stdout).to.match(new RegExp(`^unreachable\n.*pid ${bot.pid}.* no answer within 5 s`))
    bot.kill('SIGCONT')
    expect((await home.catalyst(['health', 'check', '--wait', '10'])).code).to.equal(0)
  })

  it('exits 2 when the bot was killed, however it looks on the disk', async () => {
    const home = moduleHome()
    const bot = await home.healthy()
    bot.kill('SIGKILL')
    await bot.result()
    expect(home.botFile().pid).to.equal(bot.pid)
    const { code, stdout } = await home.catalyst(['health', 'check'])
    expect(code).to.equal(2)
    expect(stdout).to.contain('no bot runs')
  })

  it('exits 3 for wrong usage and wrong settings, and says what is wrong', async () => {
    const wrong: [string[], string][] = [
      [['--wait', 'x'], 'Expected an integer but received: x'],
      [['--wait', '-1'], 'greater than or equal to 0'],
      [['--nonsense'], 'Nonexistent flag: --nonsense'],
      [['--url', 'bot.example.com'], '--url must be an http:// or https:// address'],
      [['--wait', '1', 'too', 'much'], 'Unexpected arguments: too, much'],
    ]
    const home = emptyHome()
    const unsound = emptyHome({ HEALTH_CHECK_PORT: 'eighty', WATCHDOG_FREEZE_THRESHOLD: '-5' })
    await Promise.all([
      ...wrong.map(async ([args, words]) => {
        const { code, stdout, stderr } = await home.catalyst(['health', 'check', ...args])
        expect(code, args.join(' ')).to.equal(3)
        expect(stdout + stderr).to.contain(words)
      }),
      unsound.catalyst(['health', 'check']).then(({ code, stdout }) => {
        expect(code).to.equal(3)
        expect(stdout).to.contain('HEALTH_CHECK_PORT').and.to.contain('WATCHDOG_FREEZE_THRESHOLD')
      }),
    ])
  })

  it('--url asks elsewhere, without a home', async () => {
    const home = moduleHome()
    await home.healthy()
    const { url: stranger } = await serve((_, response) => response.writeHead(404).end('nothing here'))
    const elsewhere = emptyHome()
    const { endpoint } = home.botFile()
    const address = `http://${endpoint?.host}:${endpoint?.port}`
    const codes = await Promise.all(
      [address, `${address}/health/detailed`, stranger, 'http://127.0.0.1:9'].map(
        async (url) => (await elsewhere.catalyst(['health', 'check', '--url', url])).code,
      ),
    )
    expect(codes).to.deep.equal([0, 0, 3, 2])
  })

  it('--url ends in time behind a proxy that takes connections and says nothing, having asked it once', async () => {
    let count = 0
    const sockets = new Set<net.Socket>()
    const proxy = net.createServer((socket) => {
      count++
      sockets.add(socket.on('error', () => {}))
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    closeLater(() => {
      for (const socket of sockets) socket.destroy()
      proxy.close()
    })
    const { port } = proxy.address() as AddressInfo
    const home = emptyHome()
    const words = [join(ROOT, 'bin', 'run.js'), 'health', 'check', '--url', 'https://bot.example']
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` }
    const began = performance.now()
    const { code, stdout } = await run(process.execPath, words, { folder: home.folder, env }).result()
    expect(performance.now() - began).to.be.within(4500, 12_000)
    expect(code).to.equal(2)
    expect(stdout).to.equal('unreachable\n  bot.example does not answer: no answer within 5 s\n')
    expect(count).to.equal(1)
  })

  it('exits 3 for a word too many, which a monitor must not take for a sick bot', async () => {
    const { code, stderr } = await emptyHome().catalyst(['health', 'check', 'foo'])
    expect(code).to.equal(3)
    expect(stderr).to.contain('Unexpected argument: foo')
  })
})
