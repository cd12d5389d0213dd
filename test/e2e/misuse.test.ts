import { chmodSync, chownSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { AS_NOBODY, asRoot, NOBODY } from '../support/e2e/as-nobody.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import type { Home } from '../support/e2e/home.js'
import { ROOT } from '../support/e2e/root.js'

const BIN = join(ROOT, 'bin', 'run.js')

describe('e2e: what a tired person types', () => {
  const { home: emptyHome } = endToEnd()

  it('a command that there is not is answered with the one that is meant, also in JSON', async () => {
    const home = emptyHome()
    const { code, stdout, stderr } = await home.catalyst(['service', 'stauts'])
    expect({ code, stdout, stderr }).to.deep.equal({
      code: 2,
      stdout: '',
      stderr: `Error: There is no command service stauts.\nCode: USAGE\nTry this: catalyst service status --home ${home.folder}\n`,
    })
    const json = await home.catalyst(['service', 'stauts', '--json'])
    expect(JSON.parse(json.stdout).error).to.deep.include({ code: 'USAGE', exit: 2 })
    expect(json).to.include({ code: 2, stderr: '' })
  })

  it('wrong usage in JSON says so, and where to look', async () => {
    const home = emptyHome()
    const wrong: [string[], number][] = [
      [['drill'], 2],
      [['deploy', 'list-tags', '--limit', 'x'], 2],
      [['health', 'check', '--wait', 'x'], 3],
    ]
    for (const [args, exit] of wrong) {
      const { code, stdout } = await home.catalyst([...args, '--json'])
      const { error } = JSON.parse(stdout)
      expect(code).to.equal(exit)
      expect(error, args.join(' ')).to.include({ code: 'USAGE', exit })
      expect(error.message).to.not.contain('--help')
      expect(error.suggestions).to.deep.equal([
        `See: catalyst ${args.slice(0, args[0] === 'drill' ? 1 : 2).join(' ')} --help`,
      ])
    }
  })

  it('what needs a yes says how to give it, on a line that can be pasted', async () => {
    const home = emptyHome()
    await home.catalyst(['deploy', 'backup', '--name', 'x'])
    const { code, stderr } = await home.catalyst(['deploy', 'restore', 'x'])
    expect(stderr).to.contain(
      `Try this: Confirm it beforehand: catalyst deploy restore x --home ${home.folder} --yes\n`,
    )
    expect(code).to.equal(2)
  })

  it('deploy info says why the home has no versions', async () => {
    const home = emptyHome()
    const info = async (PATH: string) => {
      const words = [BIN, 'deploy', 'info', '--home', home.folder]
      return (await home.run(process.execPath, words, { folder: home.folder, env: { PATH } }).result()).stdout
    }
    expect(await info(process.env.PATH as string)).to.match(/^home +\S+ is no git repository/m)
    expect(await info(home.folder)).to.match(/^home +git is not installed/m)
  })

  it('times in JSON are in UTC', async () => {
    const home = emptyHome()
    const [made, listed] = [
      await home.catalyst(['deploy', 'backup', '--json']),
      await home.catalyst(['deploy', 'backups', '--json']),
    ].map(({ stdout }) => JSON.parse(stdout))
    expect(made.at).to.match(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/)
    expect(listed).to.deep.equal([made])
  })

  it('-v, version and -h are understood', async () => {
    const home = emptyHome()
    const [version, ...same] = await Promise.all(
      [['--version'], ['-v'], ['version']].map(async (args) => (await home.catalyst(args)).stdout),
    )
    expect(same).to.deep.equal([version, version])
    expect((await home.catalyst(['deploy', '-h'])).stdout).to.equal((await home.catalyst(['deploy', '--help'])).stdout)
  })

  it('a home in which nothing has happened yet says so', async () => {
    const home = emptyHome()
    const said = async (...args: string[]) => (await home.catalyst(args)).stderr
    expect(await said('history')).to.equal('Nothing has happened yet.\n')
    expect(await said('history', '--kind', 'deploy')).to.equal('Nothing of that kind has happened.\n')
    expect(await said('history', '--since', '1h')).to.equal('Nothing has happened since then.\n')
    expect(await said('logs')).to.match(/^Nothing is logged in \S+ yet\.\n$/)
    expect(await said('logs', '--level', 'error')).to.match(/^No lines in \S+ match\.\n$/)
    expect(await said('history', '--since', 'then')).to.contain('See: catalyst history --help')
  })

  const byNobody = (home: Home, ...args: string[]) =>
    home
      .run(process.execPath, ['-e', AS_NOBODY, '--', ...args, '--home', home.folder], { folder: home.folder })
      .result()

  asRoot("in somebody else's home it says who may, and exits 77", async () => {
    const home = emptyHome()
    chmodSync(home.folder, 0o755)
    for (const args of [
      ['deploy', 'recover'],
      ['deploy', 'backup'],
      ['watchdog', 'run', '--enabled'],
    ]) {
      const { code, stderr } = await byNobody(home, ...args)
      expect(stderr, args.join(' ')).to.match(
        /^Error: Not permitted: EACCES: [^\n]+\nCode: NOT_ALLOWED\nTry this: Run: sudo -u root /,
      )
      expect(code).to.equal(77)
    }
  })

  asRoot("what the home's owner may not read is not theirs to run as somebody else", async () => {
    const home = emptyHome()
    home.write('.catalyst/incidents/x', '')
    chownSync(home.folder, NOBODY, NOBODY) // and what root has made in it is root's
    chmodSync(home.path('.catalyst/incidents'), 0o700)
    for (const by of [() => byNobody(home, 'incident', 'list'), () => home.catalyst(['incident', 'list'])]) {
      const { code, stderr } = await by()
      expect(stderr).to.contain('See whose it is: ls -ld ')
      expect(code).to.equal(77)
    }
  })
})
