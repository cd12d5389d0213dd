import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { readDeployment } from '#core/deploy/deployment-file.js'
import { recover } from '#core/deploy/recover.js'
import { recoverUnattended } from '#core/deploy/recover-unattended.js'
import { lastGood } from '#core/deploy/releases/find-target.js'
import { Releases } from '#core/deploy/releases/releases.js'
import type { Hooks } from '#core/deploy/run/steps.js'
import { Backups } from '#core/deploy/settings/backups.js'
import { codeOf } from '#core/errors.js'
import { activeRelease, readPointer } from '#core/home/active-release.js'
import { refuseForeignState } from '#core/home/foreign-state.js'
import { homePaths } from '#core/home/home-paths.js'
import { openIncident } from '#core/incidents/incident.js'
import { realClock } from '#core/platform/clock.js'
import { NO_SUPERVISOR } from '#core/supervisor/supervisor.js'
import { readWatchdogFile } from '#core/watchdog/watchdog-file.js'
import { aDeployment, aPlan } from '../../support/builders/deployment.js'
import { aHome } from '../../support/builders/home.js'
import { deploy, openNobodysHome, QUIET, rollBack } from '../../support/deploy/deploy.js'
import { TestRepository } from '../../support/deploy/repository.js'
import { failureOf } from '../../support/failure.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

const NOBODY = 65_534
/** What needs a second user. */
const asRoot = process.getuid?.() === 0 ? it : () => {}
const withLinks = process.platform === 'win32' ? () => {} : it

type Json = Record<string, unknown>

function newHome(versions: readonly string[] = ['v1', 'v2']) {
  const repository = new TestRepository(tempFolder())
  const { folder } = repository
  fs.writeFileSync(join(folder, '.env'), 'WORD=x\n')
  for (const tag of versions) {
    repository.commit({ '.gitignore': '.env\ndata/\n', 'bot.mjs': `// ${tag}\n` })
    repository.git('tag', tag)
  }
  const paths = homePaths(folder)
  const forge = (value: unknown) => {
    fs.mkdirSync(paths.state, { recursive: true })
    fs.writeFileSync(paths.deployment, JSON.stringify(value))
  }
  return { folder, paths, repository, forge, mark: join(folder, 'ran') }
}

/** What a deployment of v2 over v1 writes down, with programs in it as earlier versions kept them. */
function plan({ mark }: { mark: string }, more: Json = {}): Json {
  const target = { name: 'v2-1a2b3c4d', commit: '1a2b3c4d'.repeat(5), tag: 'v2', subfolder: '' }
  const argv = ['/bin/sh', '-c', `touch ${mark}`]
  return {
    ...aDeployment(aPlan({ target, from: null, hasSettings: false, supervisor: 'none' }), { begun: 2 }),
    steps: [
      { do: 'export' },
      { do: 'install', argv, folder: '' },
      { do: 'check', argv, folder: '' },
      { do: 'seal' },
      { do: 'link' },
      { do: 'switch', to: { name: target.name, commit: target.commit } },
      { do: 'prune' },
    ],
    ...more,
  }
}

describe('a forged record of an interrupted deployment', () => {
  afterEach(removeTempFolders)

  it('never makes us run a program that the file names, at any recorded step', async () => {
    for (let begun = 0; begun <= 7; begun++) {
      for (const what of ['deployment', 'rollback']) {
        const home = newHome(['v1'])
        home.forge(plan(home, { begun, what }))
        await recover(await openNobodysHome(home.folder), QUIET)
        expect(fs.existsSync(home.mark), `${what}, ${begun}`).to.equal(false)
        expect(fs.existsSync(home.paths.deployment), 'it is over').to.equal(false)
      }
    }
  })

  it("is refused if our planner can't have made it, with the command that removes it, and nothing is done", async () => {
    const home = newHome(['v1'])
    const argv = ['/bin/sh', '-c', `touch ${home.mark}`]
    const good = plan(home)
    const target = good.target as Json
    const steps = good.steps as Json[]
    const changed = (at: number, more: Json) => steps.map((step, index) => (index === at ? { ...step, ...more } : step))
    const forged: [string, Json][] = [
      ['one step that runs something', { steps: [{ do: 'install', argv, folder: '' }], begun: 1 }],
      ['steps in another order', { steps: [...steps].reverse() }],
      ['a program behind the switch', { steps: [...steps, { do: 'install', argv, folder: '' }], begun: 8 }],
      ['a step that there is not', { steps: changed(4, { do: 'run' }) }],
      ['no steps', { steps: [], begun: 0 }],
      ['a switch to somewhere else', { steps: changed(5, { to: { name: 'x', commit: 'abcd1234' } }) }],
      ['a switch to nowhere', { steps: changed(5, { to: null }) }],
      ['a switch to another folder of it', { steps: changed(5, { to: { ...target, subfolder: '../x' } }) }],
      ['a release that is a path', { target: { ...target, name: '../../evil' } }],
      ['a release with a hidden name', { target: { ...target, name: '..' } }],
      ['a commit that is a flag', { target: { ...target, commit: '--upload-pack=sh' } }],
      ['a subfolder outside', { target: { ...target, subfolder: '../../' } }],
      ['an absolute subfolder', { target: { ...target, subfolder: '/etc/' } }],
      ['a subfolder on another drive', { target: { ...target, subfolder: 'C:/x/' } }],
      ['a way back to a path', { from: { name: '../../evil', commit: 'abcd1234' } }],
      ['a way back to nothing', { from: {} }],
      ['a backup that is a path', { backup: '../../../etc' }],
      ['more steps than there are', { begun: 8 }],
      ['less than none', { begun: -1 }],
      ['half a step', { begun: 0.5 }],
      ['a bot that is none', { instance: '../x' }],
      ['nobody who keeps bots', { supervisor: 'init' }],
      ['an id that is a path', { id: '../x' }],
      ['something else to do', { what: 'update' }],
      ['a repair of another version', { what: 'repair', from: { name: 'v0-abcd1234', commit: 'abcd1234' } }],
    ]
    for (const [name, more] of forged) {
      home.forge({ ...good, ...more })
      const opened = await openNobodysHome(home.folder)
      const error = await failureOf(recover(opened, QUIET))
      expect(error, name).to.include({ code: 'STATE_REFUSED' })
      expect(error.suggestions.at(-1), name).to.equal(`rm ${home.paths.deployment}`)
      expect(readDeployment(aHome({ folder: home.paths.home })), name).to.equal(undefined)
      expect(fs.existsSync(home.mark), name).to.equal(false)
      expect(await failureOf(deploy(home.folder, 'v1')), name).to.include({ code: 'STATE_REFUSED' })
      expect(fs.readdirSync(home.paths.own), name).to.not.include('releases')
    }
  })

  it('holds no program in its file, at any step', async () => {
    const home = newHome(['v1'])
    fs.appendFileSync(home.paths.env, 'DEPLOY_INSTALL_COMMAND=touch installed\nDEPLOY_CHECK_COMMAND=touch checked\n')
    const kept: string[] = []
    const onStep: Hooks['onStep'] = ({ state }) => {
      if (state === 'begin') kept.push(fs.readFileSync(home.paths.deployment, 'utf8'))
    }
    await deploy(home.folder, 'v1', false, { onStep })
    expect(kept.join('')).to.contain('"install"').and.contain('"check"')
    expect(kept.join('')).to.not.contain('touch')
    const { folder } = activeRelease(home.paths) ?? {}
    expect(fs.readdirSync(folder as string)).to.include.members(['installed', 'checked'])
  })
})

describe('a home that brings its own .catalyst', () => {
  afterEach(removeTempFolders)

  it('is refused by every command that relies on it, as long as git tracks any of it', async () => {
    for (const path of ['.catalyst/state/deployment.json', '.catalyst/anything', '.Catalyst/x']) {
      const home = newHome()
      if (path.startsWith('.catalyst/state')) home.forge(plan(home))
      home.repository.commit({ [path]: path.includes('state') ? JSON.stringify(plan(home)) : 'x' }, 'poison')
      for (const tried of [
        deploy(home.folder, 'v1'),
        rollBack(home.folder, 'v1', 'current'),
        recoverUnattended(realClock, home.paths, NO_SUPERVISOR, () => {}),
      ]) {
        const error = await failureOf(tried)
        expect(error, path).to.include({ code: 'STATE_REFUSED' })
        expect(error.message).to.contain(`git tracks .catalyst/ (${path})`)
        expect(error.suggestions).to.include(`git -C ${home.folder} rm -r --cached .catalyst`)
      }
      expect(fs.existsSync(home.mark)).to.equal(false)
      home.repository.git('rm', '-r', '-q', '--cached', path.split('/')[0] as string)
      expect(await refuseForeignState(aHome({ folder: home.folder }))).to.deep.equal([])
    }
  })

  it('is refused in a subfolder of its repository, too', async () => {
    const home = newHome()
    home.repository.commit({ 'bots/a/.catalyst/x': '' }, 'poison')
    const paths = homePaths(join(home.folder, 'bots', 'a'))
    expect(await failureOf(refuseForeignState(aHome({ folder: paths.home })))).to.include({ code: 'STATE_REFUSED' })
    expect(await refuseForeignState(aHome({ folder: home.folder }))).to.deep.equal([])
  })

  it('warns that git tracks its settings', async () => {
    const home = newHome()
    home.repository.commit({ '.env': 'BOT_COMMAND=evil\n' }, 'settings')
    const [warning, ...more] = await refuseForeignState(aHome({ folder: home.folder }))
    expect(warning).to.contain(`git tracks ${home.paths.env}`)
    expect(more).to.deep.equal([])
  })

  withLinks('is refused where its settings are a link that git tracks', async () => {
    const home = newHome()
    fs.rmSync(home.paths.env)
    fs.symlinkSync('../elsewhere', home.paths.env)
    home.repository.git('add', '--force', '.env')
    expect(await failureOf(refuseForeignState(aHome({ folder: home.folder })))).to.include({ code: 'STATE_REFUSED' })
  })

  asRoot("is refused where any of it is another user's", async () => {
    const home = newHome()
    await deploy(home.folder, 'v1')
    const { own, state, releases, backups, activeRelease: pointer, journal } = home.paths
    for (const path of [own, state, releases, backups, pointer, journal]) {
      fs.chownSync(path, NOBODY, NOBODY)
      const error = await failureOf(deploy(home.folder, 'v2'))
      expect(error, path).to.include({ code: 'STATE_REFUSED' })
      expect(error.message).to.contain(`${path} does not belong to root`)
      fs.chownSync(path, 0, 0)
    }
    await deploy(home.folder, 'v2')
  })
})

describe('the files in .catalyst', () => {
  afterEach(removeTempFolders)

  it('are no pointer if they lead out of the releases', async () => {
    const home = newHome()
    await deploy(home.folder, 'v1')
    const { name, commit } = readPointer(home.paths) ?? { name: '', commit: '' }
    for (const bad of [
      { name: '../..', commit },
      { name: '..', commit },
      { name: 'a/b', commit },
      { name, commit, subfolder: '../../..' },
      { name, commit, subfolder: '/' },
      { name, commit, subfolder: 'C:\\x' },
      { name, commit: '$(id)' },
    ]) {
      fs.writeFileSync(home.paths.activeRelease, JSON.stringify(bad))
      expect(activeRelease(home.paths), JSON.stringify(bad)).to.equal(undefined)
    }
  })

  withLinks('is no release where a link lies in its place, or on the way to its folder', async () => {
    const home = newHome()
    await deploy(home.folder, 'v1')
    const { name, commit } = readPointer(home.paths) ?? { name: '', commit: '' }
    const place = join(home.paths.releases, name)
    fs.symlinkSync('/etc', join(place, 'out'))
    fs.writeFileSync(home.paths.activeRelease, JSON.stringify({ name, commit, subfolder: 'out/' }))
    expect(activeRelease(home.paths)).to.equal(undefined)
    fs.writeFileSync(home.paths.activeRelease, JSON.stringify({ name, commit }))
    expect(activeRelease(home.paths)?.folder).to.equal(place)
    fs.renameSync(place, join(home.folder, 'elsewhere'))
    fs.symlinkSync(join(home.folder, 'elsewhere'), place)
    expect(activeRelease(home.paths)).to.equal(undefined)
    expect(new Releases(aHome({ folder: home.paths.home })).list()).to.deep.equal([])
  })

  withLinks('is no manifest where it would have links removed outside, and those stay', async () => {
    const home = newHome()
    await deploy(home.folder, 'v1')
    await deploy(home.folder, 'v2')
    const [v1] = new Releases(aHome({ folder: home.paths.home })).list().filter(({ tag }) => tag === 'v1')
    const manifest = join(home.paths.releases, `${v1?.name}.json`)
    const kept = JSON.parse(fs.readFileSync(manifest, 'utf8'))
    fs.symlinkSync('/etc', join(home.folder, 'mine'))
    for (const more of [{ shared: ['../../../mine'] }, { subfolder: '../../../', shared: ['mine'] }]) {
      fs.writeFileSync(manifest, JSON.stringify({ ...kept, ...more }))
      const releases = new Releases(aHome({ folder: home.paths.home }))
      expect(releases.read(v1?.name ?? '')).to.equal(undefined)
      releases.remove(v1?.name ?? '', { subfolder: '', shared: [] })
      expect(fs.existsSync(join(home.folder, 'mine'))).to.equal(true)
    }
  })

  withLinks('is no backup where a link lies in its place', async () => {
    const home = newHome(['v1'])
    await deploy(home.folder, 'v1')
    const backups = new Backups(aHome({ folder: home.paths.home }))
    const [backup] = backups.list()
    const place = join(home.paths.backups, backup?.id ?? '')
    fs.renameSync(place, join(home.folder, 'elsewhere'))
    fs.symlinkSync(join(home.folder, 'elsewhere'), place)
    expect(backups.list()).to.deep.equal([])
  })

  withLinks('is no journal where that is a link: nothing is appended to what it leads to', async () => {
    const home = newHome(['v1'])
    fs.mkdirSync(home.paths.own)
    fs.writeFileSync(join(home.folder, 'profile'), '')
    fs.symlinkSync(join(home.folder, 'profile'), home.paths.journal)
    const failure = await deploy(home.folder, 'v1').catch(codeOf)
    expect(failure).to.equal('ELOOP')
    expect(fs.readFileSync(join(home.folder, 'profile'), 'utf8')).to.equal('')
  })

  it('make the watchdog write to no folder outside', () => {
    const { paths } = newHome([])
    const incident = openIncident('hangs', Date.now())
    fs.mkdirSync(paths.state, { recursive: true })
    for (const opened of ['../../evil', 'a/b', '..', '']) {
      fs.writeFileSync(
        paths.watchdog,
        JSON.stringify({ restarts: [], incident: { ...incident, opened }, messages: {} }),
      )
      expect(readWatchdogFile(paths), opened).to.equal(undefined)
    }
    fs.writeFileSync(paths.watchdog, JSON.stringify({ restarts: [], incident, messages: {} }))
    expect(readWatchdogFile(paths)?.incident?.opened).to.equal('hangs')
  })

  it("can't pass an option of git as the commit of a rollback", async () => {
    const { folder, paths } = newHome(['v1'])
    const at = new Date().toISOString()
    const rated = {
      release: 'v1',
      tag: null,
      rating: 'good',
      reason: '',
      rated_at: at,
      proved_at: at,
      left: null,
      backup: null,
    }
    fs.mkdirSync(paths.state, { recursive: true })
    const home = await openNobodysHome(folder)
    for (const commit of ['--output=x', '-c', 'HEAD', '']) {
      fs.writeFileSync(paths.ratings, JSON.stringify({ commits: [{ ...rated, commit }] }))
      expect(() => lastGood(home), commit).to.throw('good')
    }
    fs.writeFileSync(paths.ratings, JSON.stringify({ commits: [{ ...rated, commit: 'abcd1234' }] }))
    expect(lastGood(home)).to.include({ commit: 'abcd1234' })
  })
})
