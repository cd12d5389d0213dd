import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { isAlive } from '../support/e2e/still-running.js'
import { until } from '../support/e2e/until.js'
import { useExample } from '../support/examples.js'

describe('e2e: the example in Python', () => {
  const { home: emptyHome } = endToEnd()

  it('reports its rounds and each new file, and ends when asked', async () => {
    const home = emptyHome()
    useExample(home, 'python', { INBOX_EVERY_SECONDS: '0.1' })
    const bot = await home.started()
    await until(async () => (await home.health()).total_cycles > 2)
    expect(await home.health()).to.include({ status: 'healthy', proof: 'report', alerts_today: 0 })
    home.write('data/inbox/letter.txt', '')
    home.write('data/inbox/bill "2".txt', '')
    await until(async () => (await home.health()).alerts_today === 2)
    const pid = await home.programPid()
    expect(home.processes().get(pid)).to.match(/\bpython\S* bot\.py$/)
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(home.logged()).to.include.members(['INFO new file: letter.txt', 'new file: letter.txt', 'INFO goodbye'])
    expect(home.logged()).to.not.include('the program left processes behind: ending them')
    expect(home.logged().join('\n')).to.not.contain('Fatal Python error')
    expect([...home.processes()]).to.deep.equal([])
  })

  it('is unhealthy when it hangs', async () => {
    const home = emptyHome()
    useExample(home, 'python', { INBOX_EVERY_SECONDS: '0.1', WATCHDOG_FREEZE_THRESHOLD: '0.5' })
    await home.started()
    await until(async () => (await home.health()).total_cycles > 0)
    process.kill(await home.programPid(), 'SIGSTOP')
    await home.status('unhealthy')
    process.kill(await home.programPid(), 'SIGCONT')
    await home.status('healthy')
  })

  it('counts what goes wrong as an error, and goes on', async () => {
    const home = emptyHome()
    home.write('data/inbox', 'a file in the way')
    useExample(home, 'python', { INBOX_EVERY_SECONDS: '0.1' })
    await home.started()
    await until(async () => (await home.health()).errors_last_hour > 1)
    expect((await home.health()).total_cycles).to.equal(0)
  })

  it('ends with its standard input, also when Catalyst was killed', async () => {
    const home = emptyHome()
    useExample(home, 'python', { INBOX_EVERY_SECONDS: '60' })
    const bot = await home.started()
    await until(async () => (await home.health()).total_cycles > 0)
    const pid = await home.programPid()
    bot.kill('SIGKILL')
    await bot.result()
    await until(() => !isAlive(pid))
  })

  it('run by itself only prints, and needs no standard input', async () => {
    const home = emptyHome()
    useExample(home, 'python')
    const bot = home.run('python3', ['bot.py'], { folder: home.folder, env: { INBOX_EVERY_SECONDS: '0.05' } })
    await until(() => bot.stdout.includes('INFO watching'))
    home.write('data/inbox/letter.txt', '')
    await until(() => bot.stdout.includes('INFO new file: letter.txt'))
    bot.kill('SIGTERM')
    expect(await bot.result()).to.deep.include({ code: 0, stderr: '' })
  })
})
