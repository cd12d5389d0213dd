import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { readDeployment, writeDeployment } from '#core/deploy/deployment-file.js'
import { recover } from '#core/deploy/recover.js'
import { prune } from '#core/deploy/releases/prune.js'
import { Releases } from '#core/deploy/releases/releases.js'
import { Execution } from '#core/deploy/run/execution.js'
import type { Hooks } from '#core/deploy/run/steps.js'
import { Backups } from '#core/deploy/settings/backups.js'
import { backUp } from '#core/deploy/settings/settings-backup.js'
import { readPointer, writePointer } from '#core/home/active-release.js'
import { homePaths } from '#core/home/home-paths.js'
import { aBotFile } from '../../../support/builders/bot-file.js'
import { aDeployment, aPlan, begunBy } from '../../../support/builders/deployment.js'
import { aHome } from '../../../support/builders/home.js'
import { deploy, openNobodysHome, rollBack } from '../../../support/deploy/deploy.js'
import { TestRepository } from '../../../support/deploy/repository.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

/** What deployments have been seen to stumble over in bad nights. */
describe('a deployment', () => {
  afterEach(removeTempFolders)

  function newHome(versions: readonly string[], settings = 'WORD=then\nAPI_KEY=key-of-then\n') {
    const repository = new TestRepository(tempFolder())
    const { folder } = repository
    fs.mkdirSync(join(folder, 'data'))
    fs.writeFileSync(join(folder, '.env'), settings)
    for (const tag of versions) {
      repository.commit({ '.gitignore': '.env\ndata/\n', 'bot.mjs': `// ${tag}\n` })
      repository.git('tag', tag)
    }
    return { folder, paths: homePaths(folder), env: () => fs.readFileSync(join(folder, '.env'), 'utf8') }
  }

  const quiet = (more: Partial<Hooks> = {}): Hooks => ({
    signal: new AbortController().signal,
    onStep() {},
    onLine() {},
    onWait() {},
    onWarning() {},
    ...more,
  })

  it('backs up what somebody writes into the settings while it goes on', async () => {
    const { folder, paths, env } = newHome(['v1', 'v2'])
    for (const tag of ['v1', 'v2']) await deploy(folder, tag)
    fs.writeFileSync(join(folder, '.env'), 'WORD=now\n')
    const home = await openNobodysHome(folder)
    const { prepare } = await import('#core/deploy/prepare.js')
    const { findTarget } = await import('#core/deploy/releases/find-target.js')
    const { ship } = await import('#core/deploy/ship.js')
    const { plan } = await prepare(home, await findTarget(home, 'v1'), {
      what: 'rollback',
      force: false,
      settings: 'snapshot',
    })
    const onStep: Hooks['onStep'] = ({ step, state }) => {
      if (step === 'link' && state === 'done') fs.appendFileSync(join(folder, '.env'), 'MAX_LOSS=50\n')
    }
    await ship(home, plan, quiet({ onStep }))
    expect(env()).to.include('WORD=then')
    const backups = new Backups(aHome({ folder: paths.home }))
    expect(backups.list().map((backup) => backups.settingsOf(backup))).to.include('WORD=now\nMAX_LOSS=50\n')
  })

  it('brings back what ran before although its settings are gone, and no backup that it needs is removed', async () => {
    const { folder, paths } = newHome(['v1', 'v2'])
    for (const tag of ['v1', 'v2']) await deploy(folder, tag)
    const home = await openNobodysHome(folder)
    const [v1, v2] = ['v1', 'v2'].map((tag) =>
      new Releases(aHome({ folder: paths.home })).list().find((one) => one.tag === tag),
    )
    if (!v1 || !v2) throw new Error('not on disk')
    const [newest] = new Backups(aHome({ folder: paths.home })).list()
    const backup = newest?.id ?? ''
    const plan = aPlan({
      what: 'rollback',
      target: v1,
      from: { name: v2.name, commit: v2.commit },
      isBuilt: true,
      settings: { backup, secrets: 'of today' },
      supervisor: 'none',
    })
    const deployment = aDeployment(plan, { begun: begunBy(plan, 'switch'), backup })
    writeDeployment(aHome({ folder: paths.home }), deployment)
    writePointer(paths, { name: v1.name, commit: v1.commit })
    Object.assign(home.settings, { BACKUP_KEEP: 1 })
    for (const name of ['a', 'b', 'c']) await backUp(home, 'by hand', name)
    expect(new Backups(aHome({ folder: paths.home })).list().map(({ id }) => id)).to.include(newest?.id)

    fs.rmSync(join(paths.backups, newest?.id ?? ''), { recursive: true })
    const warnings: string[] = []
    const returned = await new Execution(
      home,
      quiet({ onWarning: (text) => warnings.push(text) }),
      deployment,
    ).rollBack('it was interrupted')
    expect(returned).to.include({ outcome: 'rolled_back', active: v2.name, isOver: true })
    expect(readPointer(paths)?.name).to.equal(v2.name)
    expect(readDeployment(aHome({ folder: paths.home }))).to.equal(undefined)
    expect(warnings.join()).to.include('There is no backup')
  })

  it('never removes the release that a bot still runs in, nor one in which a bot has data of its own', async () => {
    const { folder, paths } = newHome(['v1', 'v2', 'v3', 'v4'], 'DEPLOY_KEEP_RELEASES=1\n')
    await deploy(folder, 'v1')
    const v1 = readPointer(paths)?.name
    const running = aBotFile({ started: 1, boot: 'x', release: v1 ?? null })
    fs.mkdirSync(paths.state, { recursive: true })
    fs.writeFileSync(paths.bot, JSON.stringify(running))
    await deploy(folder, 'v2')
    const data = join(paths.releases, readPointer(paths)?.name ?? '', 'data')
    fs.unlinkSync(data)
    fs.mkdirSync(data)
    fs.writeFileSync(join(data, 'book'), 'mine')
    for (const tag of ['v3', 'v4']) await deploy(folder, tag)
    const left = new Releases(aHome({ folder: paths.home })).list().map(({ tag }) => tag)
    expect(left).to.have.members(['v1', 'v2', 'v4'])
    expect(fs.readFileSync(join(data, 'book'), 'utf8')).to.equal('mine')
    expect(prune(await openNobodysHome(folder)).spared).to.have.length(1)
  })

  it('is not refused for ever because of a record that can not be read', async () => {
    const { folder, paths } = newHome(['v1'])
    fs.mkdirSync(paths.state, { recursive: true })
    for (const text of [
      '{"id":"x","steps":[],"begun":0,"target":null}',
      '{"id":"x","what":"deployment","steps":[null],"begun":1}',
      'x',
    ]) {
      fs.writeFileSync(paths.deployment, text)
      expect(await recover(await openNobodysHome(folder), quiet())).to.equal(undefined)
      expect(fs.existsSync(paths.deployment)).to.equal(false)
    }
    await deploy(folder, 'v1')
  })

  it('leaves its version active and unverified where the watchdog is gone', async () => {
    const { folder, paths } = newHome(['v1', 'v2'])
    for (const tag of ['v1', 'v2']) await deploy(folder, tag)
    const home = await openNobodysHome(folder)
    const target = new Releases(aHome({ folder: paths.home })).list().find((one) => one.tag === 'v1')
    if (!target) throw new Error('not on disk')
    home.journal.append('rating', {
      commit: target.commit,
      release: target.name,
      tag: 'v1',
      rating: 'good',
      reason: '',
    })
    const from = readPointer(paths) ?? null
    const supervisor = 'watchdog'
    const plan = aPlan({ what: 'rollback', target, from, hasSettings: false, isBuilt: true, supervisor })
    writeDeployment(aHome({ folder: paths.home }), aDeployment(plan, { begun: begunBy(plan, 'gate'), supervisor }))
    writePointer(paths, { name: target.name, commit: target.commit })
    expect(await recover(home, quiet())).to.include({ outcome: 'unverified', release: target.name })
    expect(readPointer(paths)?.name).to.equal(target.name)
  })

  it('keeps WATCHDOG_ENABLED in a rollback, and restores all secrets where the settings are gone', async () => {
    const { folder, env } = newHome(['v1', 'v2'], 'WATCHDOG_ENABLED=0\nAPI_KEY=key\n')
    for (const tag of ['v1', 'v2']) await deploy(folder, tag)
    fs.writeFileSync(join(folder, '.env'), 'WATCHDOG_ENABLED=1\nAPI_KEY=key\nMORE=1\n')
    await rollBack(folder, 'v1', 'snapshot')
    expect(env()).to.equal('WATCHDOG_ENABLED=1\nAPI_KEY=key\n')
    fs.rmSync(join(folder, '.env'))
    await rollBack(folder, 'v2', 'snapshot')
    expect(env()).to.include('API_KEY=key')
  })
})
