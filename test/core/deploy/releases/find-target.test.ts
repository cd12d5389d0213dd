import fs from 'node:fs'
import { expect } from 'chai'
import { tagLines } from '#cli/deploy/tag-text.js'
import { openRepository } from '#core/deploy/git/repository.js'
import { deployInfo } from '#core/deploy/info.js'
import { firstChoice, rollbackCandidates } from '#core/deploy/releases/candidates.js'
import { listVersions } from '#core/deploy/releases/list-versions.js'
import { prune } from '#core/deploy/releases/prune.js'
import type { Hooks } from '#core/deploy/run/steps.js'
import { Backups } from '#core/deploy/settings/backups.js'
import { backUp } from '#core/deploy/settings/settings-backup.js'
import { aHome } from '../../../support/builders/home.js'
import { deployWith, openHomeOf } from '../../../support/deploy/deploy.js'
import { SupervisedHome } from '../../../support/deploy/supervised-home.js'
import { failureOf } from '../../../support/failure.js'

async function homeWith(...tags: string[]): Promise<SupervisedHome> {
  const supervised = new SupervisedHome(tags)
  for (const tag of tags) await supervised.deploy(tag)
  return supervised
}

describe('a rollback without a target', function () {
  this.timeout(20_000)

  it('leads further back each time, and at the oldest says why it leads no further', async () => {
    const supervised = await homeWith('v1', 'v2', 'v3')
    for (const expected of ['v2', 'v1']) {
      await supervised.rollBack()
      expect(supervised.active).to.equal(expected)
    }
    const error = await failureOf(supervised.rollBack())
    expect(error.code).to.equal('RELEASE_MISSING')
    expect(error.message).to.match(
      /^There is no good version before v1-\w+ to roll back to: v3 was left at .*, by a rollback; v2 was left at .*, by a rollback\.$/,
    )
    expect(error.suggestions.join()).to.contain('catalyst deploy rollback v3')
    expect(supervised.active).to.equal('v1')
  })

  it('never leads into a version that was left, also from a newer one', async () => {
    const supervised = new SupervisedHome(['v1', 'v2', 'v3'])
    for (const tag of ['v1', 'v2']) await supervised.deploy(tag)
    await supervised.crash(5)
    await supervised.rollBack()
    await supervised.deploy('v3')
    await supervised.rollBack()
    expect(supervised.active).to.equal('v1')
    expect(supervised.ratingOf('v2')?.left?.why).to.equal('rolled_back')
  })

  it('does not lead into a version that crashed again and again and that a newer one has replaced', async () => {
    const supervised = new SupervisedHome(['v1', 'v2', 'v3'])
    for (const tag of ['v1', 'v2']) await supervised.deploy(tag)
    await supervised.crash(5)
    await supervised.deploy('v3')
    expect(supervised.ratingOf('v2')?.left?.why).to.equal('failed')
    await supervised.rollBack()
    expect(supervised.active).to.equal('v1')
  })

  it('is undone by naming the version before, and then leads back as it did', async () => {
    const supervised = await homeWith('v1', 'v2')
    await supervised.rollBack()
    await supervised.rollBack('v2')
    expect([supervised.ratingOf('v1')?.left, supervised.ratingOf('v2')?.left]).to.deep.equal([null, null])
    await supervised.rollBack()
    expect(supervised.active).to.equal('v1')
  })

  it('leads again into a version that was deployed again and has proven itself', async () => {
    const supervised = new SupervisedHome(['v1', 'v2', 'v3'])
    for (const tag of ['v1', 'v2']) await supervised.deploy(tag)
    await supervised.rollBack()
    await supervised.deploy('v2')
    expect(supervised.ratingOf('v2')?.left).to.equal(null)
    await supervised.deploy('v3')
    await supervised.rollBack()
    expect(supervised.active).to.equal('v2')
  })

  it('leads where deploy info and the wizard say, which also show how often a version crashed', async () => {
    const supervised = await homeWith('v1', 'v2', 'v3')
    await supervised.crash(5)
    const shown = async () => {
      const home = await openHomeOf(supervised.supervisor, supervised.folder)
      const { git } = await openRepository(home)
      const [info, candidates, tags] = await Promise.all([
        deployInfo(home),
        rollbackCandidates(home),
        listVersions(git, home, 10),
      ])
      return { info, first: firstChoice(candidates), candidates, tags }
    }
    const before = await shown()
    expect([before.info.last_good?.tag, before.first?.tag]).to.deep.equal(['v2', 'v2'])
    expect(before.info.active).to.include({ tag: 'v3', rating: 'good', unexpected_ends: 5, left: null })
    expect(before.tags.find(({ name }) => name === 'v3')).to.include({ unexpected_ends: 5, left: null })
    const baking = before.tags.filter(({ bakes_until }) => bakes_until !== null)
    expect(baking.map(({ name, bakes_until }) => [name, bakes_until])).to.deep.equal([['v3', before.info.bakes_until]])
    expect(tagLines(before.tags)).to.match(/^v3 .* active \(bakes until \S+/m)
    await supervised.rollBack()
    const after = await shown()
    expect([after.info.last_good?.tag, after.first?.tag]).to.deep.equal(['v1', 'v1'])
    expect(after.info.previous).to.include({ tag: 'v3', rating: 'good', unexpected_ends: 5 })
    expect(after.info.previous?.left?.why).to.equal('rolled_back')
    expect(after.tags.find(({ name }) => name === 'v3')?.left?.why).to.equal('rolled_back')
    expect(after.candidates.find(({ tag }) => tag === 'v3')?.runs?.unexpectedExits).to.equal(5)
    await supervised.rollBack()
    const last = await shown()
    expect([last.info.last_good, last.candidates.filter(({ isLastGood }) => isLastGood)]).to.deep.equal([null, []])
    expect(last.first, 'the newest that was neither left nor bad').to.not.equal(undefined)
  })

  it('skips what was left where two versions fail at once, and remembers that the version before failed', async () => {
    const supervised = new SupervisedHome(['v1', 'v2', 'v3', 'v4'])
    for (const tag of ['v1', 'v2']) await supervised.deploy(tag)
    await supervised.rollBack()
    await supervised.deploy('v3')
    for (const tag of ['v3', 'v4']) supervised.broken.add(tag)
    await failureOf(supervised.deploy('v4'))
    expect(supervised.active).to.equal('v1')
    expect(supervised.ratingOf('v3'), 'its rating is taken away').to.include({ rating: 'unverified' })
    expect(supervised.ratingOf('v3')?.left?.why).to.equal('failed')
    expect(supervised.ratedAs('v4')).to.equal('bad')
  })
})

describe('a version that was good', function () {
  this.timeout(20_000)

  it('stays good when somebody kills it in a later gate, and a rollback still leads to it', async () => {
    const supervised = await homeWith('v1', 'v2')
    supervised.killed.add('v1')
    const error = await failureOf(supervised.rollBack())
    expect(error.message).to.contain('exit code 137')
    expect(supervised.ratingOf('v1')).to.include({ rating: 'good' })
    expect(supervised.ratingOf('v1')?.reason).to.match(
      /^it was good before; the last time it exited by itself \(exit code 137\)/,
    )
    supervised.killed.clear()
    await supervised.rollBack()
    expect(supervised.active).to.equal('v1')
  })

  it('is bad once it crashes by itself in a later gate, and a rollback says so', async () => {
    const supervised = await homeWith('v1', 'v2')
    supervised.broken.add('v1')
    await failureOf(supervised.rollBack())
    expect(supervised.ratedAs('v1')).to.equal('bad')
    const error = await failureOf(supervised.rollBack())
    expect(error.message).to.match(/^No other version has proven good yet: v1 is bad, since /)
  })

  it('stays good where nothing else comes up either', async () => {
    const supervised = await homeWith('v1', 'v2')
    for (const tag of ['v1', 'v2']) supervised.broken.add(tag)
    await failureOf(supervised.rollBack())
    expect([supervised.ratedAs('v1'), supervised.ratedAs('v2')]).to.deep.equal(['good', 'good'])
  })
})

describe('the settings with which a version proved good', function () {
  this.timeout(20_000)

  it('come back with it, also where those of the next version were in .env before its deployment, and were backed up', async () => {
    const supervised = new SupervisedHome(['v1', 'v2'])
    supervised.set('THRESH', 'old')
    await supervised.deploy('v1')
    supervised.set('THRESH', 'new')
    await backUp(await openHomeOf(supervised.supervisor, supervised.folder), 'by hand', 'before-v2')
    await supervised.deploy('v2')
    await supervised.rollBack('v1')
    expect(supervised.settings).to.contain('THRESH=old')
    await supervised.rollBack('v2')
    expect(supervised.settings).to.contain('THRESH=new')
  })

  it('come back as they were at its last proof', async () => {
    const supervised = new SupervisedHome(['v1', 'v2'])
    supervised.set('THRESH', 'old')
    await supervised.deploy('v1')
    await supervised.deploy('v2')
    supervised.set('THRESH', 'of v2')
    await supervised.deploy('v1')
    supervised.set('THRESH', 'later')
    await supervised.deploy('v2')
    await supervised.rollBack('v1')
    expect(supervised.settings).to.contain('THRESH=of v2')
  })

  it('are backed up once, and stay as long as its release is on disk, however many backups came since', async () => {
    const supervised = new SupervisedHome(['v1', 'v2'])
    supervised.set('BACKUP_KEEP', '2')
    supervised.set('THRESH', 'old')
    await supervised.deploy('v1')
    const proof = supervised.ratingOf('v1')?.backup
    const home = await openHomeOf(supervised.supervisor, supervised.folder)
    const backups = new Backups(aHome({ folder: supervised.paths.home }))
    expect(backups.list().map(({ id }) => id)).to.include(proof)
    for (let time = 0; time < 5; time++) {
      supervised.set('THRESH', String(time))
      await backUp(home, 'by hand')
    }
    await supervised.deploy('v2')
    expect(backups.list().map(({ id }) => id)).to.include(proof)
    const { length } = backups.list()
    await supervised.rollBack('v1')
    await supervised.rollBack('v2')
    await supervised.rollBack('v1')
    expect(backups.list().length, 'no more than the two newest and those of the releases').to.be.at.most(length + 1)
    expect(supervised.settings).to.contain('THRESH=old')
  })

  it('are not backed up a second time where the newest backup of the version has them', async () => {
    const supervised = new SupervisedHome(['v1'])
    for (const _ of [1, 2, 3]) await supervised.deploy('v1')
    const reasons = new Backups(aHome({ folder: supervised.paths.home })).list().map(({ reason }) => reason)
    expect(reasons.filter((reason) => reason === 'v1 has proven good with them')).to.have.length(1)
  })

  it('cost no version its rating where they can not be backed up', async () => {
    const supervised = new SupervisedHome(['v1'])
    const warnings: string[] = []
    const onStep: Hooks['onStep'] = ({ step, state }) => {
      if (step !== 'gate' || state !== 'begin') return
      fs.renameSync(supervised.paths.backups, `${supervised.paths.backups}-elsewhere`)
      fs.writeFileSync(supervised.paths.backups, 'in the way')
    }
    await deployWith(supervised.supervisor, supervised.folder, 'v1', false, {
      onStep,
      onWarning: (text) => void warnings.push(text),
    })
    expect(supervised.ratingOf('v1')).to.include({ rating: 'good', backup: null })
    expect(warnings.join()).to.match(/ENOTDIR|EEXIST/)
  })
})

describe('releases that have failed', function () {
  this.timeout(30_000)

  it('never fill the disk, and never push out a good one; the last stays to be looked at', async () => {
    const failing = ['v2', 'v3', 'v4', 'v5', 'v6', 'v7']
    const supervised = new SupervisedHome(['v1', ...failing])
    supervised.set('DEPLOY_KEEP_RELEASES', '2')
    await supervised.deploy('v1')
    for (const tag of failing) {
      supervised.broken.add(tag)
      await failureOf(supervised.deploy(tag))
      expect(supervised.onDisk).to.deep.equal(['v1', tag])
    }
  })

  it('do not push out the good ones that a rollback leads to', async () => {
    const supervised = new SupervisedHome(['v1', 'v2', 'v3', 'v4', 'v5'])
    supervised.set('DEPLOY_KEEP_RELEASES', '1')
    for (const tag of ['v1', 'v2']) await supervised.deploy(tag)
    for (const tag of ['v3', 'v4', 'v5']) {
      supervised.broken.add(tag)
      await failureOf(supervised.deploy(tag))
      expect(supervised.onDisk).to.deep.equal(['v1', 'v2', tag])
    }
    await supervised.rollBack()
    expect([supervised.active, supervised.onDisk]).to.deep.equal(['v1', ['v1', 'v2']])
  })

  it('stay on disk where rolling back failed', async () => {
    const supervised = new SupervisedHome(['v1', 'v2', 'v3'])
    supervised.set('DEPLOY_KEEP_RELEASES', '1')
    for (const tag of ['v1', 'v2']) await supervised.deploy(tag)
    for (const tag of ['v1', 'v2', 'v3']) supervised.broken.add(tag)
    await failureOf(supervised.deploy('v3'))
    expect(supervised.ended()?.outcome).to.equal('needs_attention')
    expect(supervised.onDisk).to.deep.equal(['v1', 'v2', 'v3'])
  })

  it('are named by a dry run just as they are removed then', async () => {
    const supervised = new SupervisedHome(['v1', 'v2', 'v3'])
    for (const tag of ['v1', 'v2', 'v3']) await supervised.deploy(tag)
    supervised.set('DEPLOY_KEEP_RELEASES', '1')
    supervised.set('BACKUP_KEEP', '1')
    const home = await openHomeOf(supervised.supervisor, supervised.folder)
    const { length } = new Backups(aHome({ folder: supervised.paths.home })).list()
    const told = prune(home, { isDry: true })
    expect([supervised.onDisk.length, told.releases.length]).to.deep.equal([3, 1])
    expect(prune(home)).to.deep.equal(told)
    expect(supervised.onDisk).to.deep.equal(['v2', 'v3'])
    expect(length - new Backups(aHome({ folder: supervised.paths.home })).list().length).to.equal(told.backups)
    expect(prune(home)).to.deep.equal({ releases: [], spared: [], unfinished: [], backups: 0, snapshots: [], logs: 0 })
  })
})
