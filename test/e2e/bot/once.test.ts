import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'

describe('e2e: bot start --once', () => {
  const { moduleHome, programHome } = endToEnd()

  it('runs one cycle: 0 if it went well, else 1', async () => {
    const count = "import fs from 'node:fs'; const run = () => fs.appendFileSync('runs', '.');"
    const good = moduleHome(`${count} export default { name: 'b', async cycle() { run() } }`)
    const bad = moduleHome(
      `${count} export default { name: 'b', async cycle() { run(); throw new Error('went wrong') } }`,
    )
    const results = await Promise.all([good, bad].map((home) => home.start(['--once']).result()))
    expect(results.map(({ code }) => code)).to.deep.equal([0, 1])
    expect([good.read('runs'), bad.read('runs')]).to.deep.equal(['.', '.'])
    expect(results[1]?.stdout).to.contain('went wrong')
    expect(() => good.botFile()).to.throw()
  })

  it('opens no endpoint, and tells the bot of --dry-run', async () => {
    const home = moduleHome(
      "import fs from 'node:fs'; export default { name: 'b', cycle(ctx) { fs.writeFileSync('dry', ctx.dryRun + process.env.CATALYST_DRY_RUN) } }",
    )
    const { code, stdout } = await home.start(['--once', '--dry-run']).result()
    expect(code).to.equal(0)
    expect(home.read('dry')).to.equal('true1')
    expect(stdout).to.not.contain('health endpoint: ')
  })

  it('is wrong usage with a program, and with a bot that runs by itself', async () => {
    const program = programHome('')
    const results = await Promise.all([
      program.start(['--once']).result(),
      moduleHome("export default { name: 'b', start() {}, stop() {} }").start(['--once']).result(),
    ])
    expect(results.map(({ code }) => code)).to.deep.equal([2, 2])
    for (const { stderr } of results) expect(stderr).to.contain('--once needs a bot with cycles')
    expect(program.files('.')).to.not.include('.catalyst')
  })
})
