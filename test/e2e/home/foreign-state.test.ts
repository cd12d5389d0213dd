import { symlinkSync } from 'node:fs'
import { expect } from 'chai'
import { ShippedHome } from '../../support/deploy/shipped.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'

describe('e2e: a home whose repository brings its own .catalyst', () => {
  const { home: emptyHome } = endToEnd()

  it('starts no release of it, and says how to mend that; recover runs nothing, with and without --yes', async () => {
    const home = emptyHome({ BOT_MODULE: 'bot.mjs' })
    const shipped = new ShippedHome(home)
    const name = 'v1-1a2b3c4d'
    const ran = home.path('ran')
    const argv = ['/bin/sh', '-c', `echo > '${ran}'`]
    const target = { name, commit: '1a2b3c4d'.repeat(5), tag: 'v1', subfolder: '' }
    const files = {
      [`.catalyst/releases/${name}/bot.mjs`]: `import fs from 'node:fs'
fs.writeFileSync('${ran}', '')
export default { name: 'evil', cycle() {} }`,
      '.catalyst/releases/active.json': JSON.stringify({ name, commit: target.commit }),
      '.catalyst/state/deployment.json': JSON.stringify({
        id: 'x',
        what: 'deployment',
        target,
        from: null,
        steps: [{ do: 'install', argv, folder: '' }],
        begun: 1,
      }),
    }
    shipped.repository.commit(files)
    for (const [args, exit] of [
      [['bot', 'start', '--once'], 78],
      [['deploy', 'recover', '--yes'], 78],
      [['deploy', 'recover'], 78],
      [['deploy', 'run', 'HEAD', '--yes'], 78],
      [['deploy', 'prune'], 78],
      [['deploy', 'restore', '--yes'], 78],
    ] as const) {
      const { code, stderr } = await home.catalyst(args)
      expect(code, args.join(' ')).to.equal(exit)
      expect(stderr).to.contain(`git -C ${home.folder} rm -r --cached .catalyst`)
      expect(stderr).to.not.contain('    at ')
    }
    expect(home.has('ran')).to.equal(false)
    shipped.repository.git('rm', '-r', '-q', '--cached', '.catalyst')
    const { code, stderr } = await home.catalyst(['deploy', 'recover', '--yes'])
    expect(code).to.equal(1)
    expect(stderr).to.contain(`rm ${home.path('.catalyst', 'state', 'deployment.json')}`)
    expect(home.has('ran')).to.equal(false)
  })

  it('removes nothing where its releases are a link, as long as git tracks that', async () => {
    if (process.platform === 'win32') return
    const home = emptyHome()
    const shipped = new ShippedHome(home)
    home.write('work/precious/file', 'mine')
    home.write('.catalyst/x', '')
    symlinkSync('../work', home.path('.catalyst', 'releases'))
    shipped.repository.git('add', '--force', '.catalyst')
    expect(await home.catalyst(['deploy', 'prune'])).to.include({ code: 78 })
    expect(home.read('work/precious/file')).to.equal('mine')
  })
})
