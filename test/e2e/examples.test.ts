import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { isAlive } from '../support/e2e/still-running.js'
import { until } from '../support/e2e/until.js'
import { useExample } from '../support/examples.js'

describe('e2e: the examples in JavaScript', () => {
  const { home: emptyHome, run } = endToEnd()

  it('cycles: watches the disk and alerts once; ends when asked', async () => {
    const home = emptyHome()
    useExample(home, 'cycles', { BOT_CYCLE_SECONDS: '0.1', DISK_LEAST_FREE_GB: '1e9' })
    const bot = await home.healthy()
    const report = await until(async () => {
      const now = await home.health()
      return now.total_cycles > 3 && now
    })
    expect(report).to.include({ proof: 'cycle', alerts_today: 1, errors_last_hour: 0 })
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(home.logged().filter((line) => /^the disk is nearly full: .* GB free$/.test(line))).to.have.length(1)
    expect([...home.processes()]).to.deep.equal([])
  })

  it('cycles: a wrong setting is an error in each round, and no end', async () => {
    const home = emptyHome()
    useExample(home, 'cycles', { DISK_LEAST_FREE_GB: 'much' })
    await home.started()
    await until(async () => (await home.health()).errors_last_hour > 0)
    expect(await home.health()).to.include({ total_cycles: 0, status: 'starting' })
  })

  it('gateway: each answered heartbeat is a cycle; it comes back when the gateway does, and says goodbye', async () => {
    const home = emptyHome()
    const gateway = (port: string) =>
      run(process.execPath, ['gateway.mjs', port, '0.1'], { folder: home.folder, stdin: 'pipe' })
    useExample(home, 'gateway')
    const first = gateway('0')
    const port = await until(() => /tcp:\/\/127\.0\.0\.1:(\d+)/.exec(first.stdout)?.[1])
    useExample(home, 'gateway', { GATEWAY_URL: `tcp://127.0.0.1:${port}`, WATCHDOG_FREEZE_THRESHOLD: '0.5' })
    const bot = await home.healthy()
    first.stdin?.write('the market is open\n')
    await until(async () => (await home.health()).alerts_today === 1)
    await until(() => home.logged().includes('event: the market is open'))

    // a connection that is open, and dead
    first.kill('SIGSTOP')
    await home.status('unhealthy')
    await until(() => home.logged().some((line) => line.startsWith('a heartbeat was not answered; next try in')))
    first.kill('SIGKILL')
    await first.result()
    await until(() => home.logged().some((line) => line.includes('ECONNREFUSED')))
    const second = gateway(port)
    await home.status('healthy')
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    await until(() => second.stdout.includes('a bot said goodbye'))
    expect([...home.processes().keys()]).to.deep.equal([second.pid])
  })

  it('gateway: without an address it does not start', async () => {
    const home = emptyHome()
    useExample(home, 'gateway')
    const { code, stdout } = await home.start().result()
    expect(code).to.equal(1)
    expect(stdout).to.contain('GATEWAY_URL must be like tcp://127.0.0.1:9100')
  })

  it('silent: counts as healthy while its process lives, and is gone when asked to end', async () => {
    const home = emptyHome()
    useExample(home, 'silent')
    const bot = await home.healthy()
    expect(await home.health()).to.include({ proof: 'process', last_cycle_seconds_ago: null })
    const pid = await home.programPid()
    expect(home.processes().get(pid)).to.equal('node bot.mjs')
    await until(() => home.logged().includes('INFO here'))
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(isAlive(pid)).to.equal(false)
    expect([...home.processes()]).to.deep.equal([])
  })

  it('silent: killed by somebody, its end is told by the exit code', async () => {
    const home = emptyHome()
    useExample(home, 'silent')
    const bot = await home.healthy()
    process.kill(await home.programPid(), 'SIGKILL')
    expect((await bot.result()).code).to.equal(137)
    expect(home.entry('bot.exit')).to.include({ exit: 137 })
  })

  it('run by themselves they only print', async () => {
    const home = emptyHome()
    useExample(home, 'cycles')
    const disk = home.run(process.execPath, ['bot.mjs'], {
      folder: home.folder,
      env: { BOT_CYCLE_SECONDS: '0.05', DISK_LEAST_FREE_GB: '1e9' },
    })
    await until(() => (disk.stdout.match(/^[\d.]+ GB free$/gm)?.length ?? 0) > 2)
    expect(disk.stdout.match(/^ALERT: the disk is nearly full/gm)).to.have.length(1)
    disk.kill('SIGTERM')
    await disk.result()

    useExample(home, 'gateway')
    const gateway = run(process.execPath, ['gateway.mjs', '0', '0.1'], { folder: home.folder })
    const address = await until(() => /tcp:\S+/.exec(gateway.stdout)?.[0])
    const client = run(process.execPath, ['bot.mjs'], { folder: home.folder, env: { GATEWAY_URL: address } })
    await until(() => (client.stdout.match(/^heartbeat answered$/gm)?.length ?? 0) > 2)
    client.kill('SIGTERM')
    expect((await client.result()).code).to.equal(0)
    await until(() => gateway.stdout.includes('a bot said goodbye'))

    useExample(home, 'silent')
    const silent = run(process.execPath, ['bot.mjs'], { folder: home.folder })
    await until(() => silent.stdout === 'INFO here\n')
    expect(home.allFiles().some((path) => /^(data|\.catalyst)/.test(path))).to.equal(false)
  })
})
