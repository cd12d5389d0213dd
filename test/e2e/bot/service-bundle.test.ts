import fs from 'node:fs'
import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { until } from '../../support/e2e/until.js'

const SERVICE = { CATALYST_SERVICE: 'Lab' }

describe('e2e: what a service runs', () => {
  const { moduleHome, programHome } = endToEnd()

  it('is the same bot, by a bundle of its own, and the journal says so', async () => {
    const home = moduleHome(
      "import fs from 'node:fs'\nexport default { name: 'x', cycle() { fs.writeFileSync('env', JSON.stringify(process.env)) } }",
    )
    const bot = await home.healthy([], SERVICE)
    expect(home.entry('bot.start')).to.include({ service: 'Lab', pid: bot.pid })
    expect(home.processes().get(bot.pid)).to.contain('run.js bot start --home')
    const seen = await until(() => JSON.parse(home.read('env'))) // each cycle writes it anew
    expect(seen, "what the bot sees of the service's").to.not.have.any.keys('CATALYST_SERVICE', 'NOTIFY_SOCKET')
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    const printed = home.read('data/logs/service_stdout.log')
    expect(printed).to.contain('health endpoint').and.to.contain('the bot has exited')
    expect(bot.output, "what its manager's journal has of it").to.equal('')
    expect(home.mode('data/logs/service_stdout.log')).to.equal('640')
  })

  it('passes a program’s exit code on', async () => {
    const home = programHome('process.exit(5)')
    expect((await home.start([], SERVICE).result()).code).to.equal(5)
  })

  it('says on standard error what is wrong with the settings, and exits 78', async () => {
    const home = moduleHome(undefined, { BOT_PROOF: 'hope' })
    const { code, stdout, stderr } = await home.start([], SERVICE).result()
    expect({ code, stdout }).to.deep.equal({ code: 78, stdout: '' })
    expect(stderr)
      .to.match(/^Error: The settings have 1 fault:\n +- BOT_PROOF/)
      .and.to.contain('catalyst config check')
  })

  it('has what the bot prints itself in its log, too, and no full disk ends it', async () => {
    const home = moduleHome("export default { name: 'x', cycle() { console.log('printed') } }")
    await home.healthy([], SERVICE)
    await until(() => home.read('data/logs/service_stdout.log').includes('printed\n'))
  })

  it('runs no other bot in a home that was moved away, and does not make it anew', async () => {
    const home = moduleHome()
    fs.rmSync(home.path('.env'))
    const { code, stderr } = await home.start([], SERVICE).result()
    expect(code).to.equal(78)
    expect(stderr).to.contain('it was moved or emptied')
    expect(home.allFiles()).to.deep.equal(['bot.mjs'])
  })

  it('exits 75 where a bot runs already', async () => {
    const home = moduleHome()
    await home.started()
    const second = await home.start([], SERVICE).result()
    expect(second.code).to.equal(75)
    expect(second.stderr).to.contain('A bot already runs in')
  })

  it('forgets at its start that it had been stopped on purpose', async () => {
    const home = moduleHome()
    home.write(
      '.catalyst/state/desired-state.json',
      JSON.stringify({ desired: 'stopped', by: 'ann', at: '2026-03-01T12:00:00Z' }),
    )
    await home.started([], SERVICE)
    await until(() => !home.has('.catalyst/state/desired-state.json'))
  })
})
