import fs from 'node:fs'
import { expect } from 'chai'
import { deployInfo } from '#core/deploy/info.js'
import { prepare } from '#core/deploy/prepare.js'
import { findTarget } from '#core/deploy/releases/find-target.js'
import { readRatings } from '#core/deploy/releases/ratings-file.js'
import { planRepair } from '#core/deploy/repair/plan-repair.js'
import { ship } from '#core/deploy/ship.js'
import { readPointer, writePointer } from '#core/home/active-release.js'
import { aHome } from '../../../support/builders/home.js'
import { openHomeOf, QUIET } from '../../../support/deploy/deploy.js'
import { SupervisedHome } from '../../../support/deploy/supervised-home.js'
import { failureOf } from '../../../support/failure.js'
import { removeTempFolders } from '../../../support/temp.js'

describe('the repair of the active release', () => {
  afterEach(removeTempFolders)

  /** A home with these versions deployed one after the other. */
  async function newHome(...versions: string[]) {
    const supervised = new SupervisedHome(versions)
    supervised.set('BOT_MODULE', 'bot.mjs')
    for (const tag of versions) await supervised.deploy(tag)
    const open = () => openHomeOf(supervised.supervisor, supervised.folder)
    const active = () => readPointer(supervised.paths)?.name as string
    return {
      supervised,
      open,
      active,
      /** Another node has come in the place of the one that this release was built with. */
      breakRuntime(name = active()) {
        const manifest = `${supervised.paths.releases}/${name}.json`
        fs.writeFileSync(manifest, JSON.stringify({ ...JSON.parse(fs.readFileSync(manifest, 'utf8')), node_abi: '1' }))
        return name
      },
      async repair(force = false) {
        const { plan } = await planRepair(await open(), { force })
        return plan && (await ship(await open(), plan, QUIET))
      },
      info: async () => deployInfo(aHome({ folder: supervised.folder })),
    }
  }

  it('has nothing to do where nothing is wrong, unless it is asked for all the same', async () => {
    const { repair, active } = await newHome('v1')
    const name = active()
    expect(await repair()).to.equal(undefined)
    expect((await repair(true))?.release).to.equal(`${name}-2`)
    expect((await repair(true))?.release, 'the first one is still there').to.equal(`${name}-3`)
  })

  it('builds the same version beside the broken one, and changes nothing about its rating', async () => {
    const { supervised, repair, active, breakRuntime, info } = await newHome('v1', 'v2', 'v3')
    await supervised.rollBack('v2')
    const order = () => readRatings(aHome({ folder: supervised.folder })).map(({ tag, rating }) => `${tag} ${rating}`)
    const [before, since] = [order(), (await info()).since]
    const broken = breakRuntime()
    expect((await info()).runtime_fault).to.include('The native modules of v2 were built for another node')
    const shipped = await repair()
    expect(shipped).to.include({ outcome: 'deployed', release: `${broken}-2`, previous: broken, tag: 'v2' })
    expect(active()).to.equal(`${broken}-2`)
    expect(order()).to.deep.equal(before)
    expect(supervised.ended()).to.include({ what: 'repair', outcome: 'deployed' })
    const after = await info()
    expect(after.active).to.include({ tag: 'v2', rating: 'good', left: null })
    expect(after.previous?.tag, 'the version before, not the broken release of this one').to.equal('v3')
    expect(after.since).to.equal(since)
    expect(after.runtime_fault).to.equal(null)
  })

  it('is not led to the broken release by its name any more', async () => {
    const { open, repair, breakRuntime, active } = await newHome('v1')
    const broken = breakRuntime()
    await repair()
    const home = await open()
    const options = { what: 'rollback', force: false, settings: 'current' } as const
    const { plan, isActive } = await prepare(home, await findTarget(home, broken), options)
    expect([plan.target.name, isActive]).to.deep.equal([active(), true])
  })

  it('starts the last good version that can run where the rebuilt one does not pass the gate', async () => {
    const { supervised, repair, breakRuntime, active } = await newHome('v1', 'v2', 'v3')
    const [, v1] = [breakRuntime(), 'v1']
    breakRuntime(fs.readdirSync(supervised.paths.releases).find((name) => /^v2-\w+$/.test(name)))
    supervised.broken.add('v3')
    const failed = await failureOf(repair())
    expect(failed.code).to.equal('DEPLOY_FAILED')
    expect(active(), 'v2 can not run either').to.match(new RegExp(`^${v1}-`))
    expect(supervised.ratedAs('v3'), 'it is the same version').to.equal('good')
  })

  it('leaves the pointer where it was when no other version can run', async () => {
    const { supervised, repair, breakRuntime, active } = await newHome('v1')
    const broken = breakRuntime()
    supervised.broken.add('v1')
    expect((await failureOf(repair())).code).to.equal('DEPLOY_FAILED')
    expect(active()).to.equal(broken)
    expect(supervised.ratedAs('v1')).to.equal('good')
  })

  it('is done by a deployment of the active version, too', async () => {
    const { supervised, breakRuntime, active } = await newHome('v1')
    const broken = breakRuntime()
    await supervised.deploy('v1')
    expect(active()).to.equal(`${broken}-2`)
  })

  it('is done by a rollback to a version that can not run', async () => {
    const { supervised, breakRuntime, active } = await newHome('v1', 'v2')
    const first = fs.readdirSync(supervised.paths.releases).find((name) => /^v1-\w+$/.test(name)) as string
    breakRuntime(first)
    await supervised.rollBack()
    expect(active()).to.equal(`${first}-2`)
  })

  it('builds a release that is gone from the disk', async () => {
    const { supervised, repair, active, open } = await newHome('v1')
    const name = active()
    fs.rmSync(`${supervised.paths.releases}/${name}.json`)
    expect((await planRepair(await open(), { force: false })).why).to.equal(
      `The active release ${name} is not on disk.`,
    )
    expect(await repair()).to.include({ outcome: 'deployed', tag: 'v1', release: `${name}-2` })
  })

  it('is refused where the bot runs in the working tree', async () => {
    const { supervised, repair } = await newHome('v1')
    writePointer(supervised.paths, null)
    expect((await failureOf(repair())).code).to.equal('RELEASE_MISSING')
  })
})
