import fs from 'node:fs'
import { expect } from 'chai'
import { takeBackUnattended } from '#core/deploy/bake/take-back.js'
import { writeDeployment } from '#core/deploy/deployment-file.js'
import { readPointer } from '#core/home/active-release.js'
import { realClock } from '#core/platform/clock.js'
import { aDeployment, aPlan } from '../../../support/builders/deployment.js'
import { aHome } from '../../../support/builders/home.js'
import { SupervisedHome } from '../../../support/deploy/supervised-home.js'
import { removeTempFolders } from '../../../support/temp.js'

describe('a release that fails while it bakes', function () {
  this.timeout(20_000)
  afterEach(removeTempFolders)

  async function failing() {
    const supervised = new SupervisedHome(['v1', 'v2'])
    await supervised.deploy('v1')
    await supervised.deploy('v2')
    const takeBack = async (outsideDownAt?: number) =>
      takeBackUnattended(realClock, supervised.paths, {
        release: readPointer(supervised.paths)?.name ?? '',
        why: 'it is in a crash loop',
        isByExits: true,
        outsideDownAt,
        supervisor: supervised.supervisor,
        signal: new AbortController().signal,
        tell: () => {},
      })
    return { supervised, takeBack }
  }

  it('is taken back for three exits of its own, also where the clock was set back after its proof', async () => {
    const { supervised, takeBack } = await failing()
    await supervised.crash(2)
    expect(await takeBack()).to.equal('not due')
    await supervised.crash(1)
    const { journal } = supervised.paths
    const lines = fs.readFileSync(journal, 'utf8').trimEnd().split('\n')
    const end = lines.findLastIndex((line) => JSON.parse(line).kind === 'deploy.end')
    const earlier = (line: string) => line.replace(/"time":"\d{4}/, '"time":"2020')
    fs.writeFileSync(journal, `${[...lines.slice(0, end + 1), ...lines.slice(end + 1).map(earlier)].join('\n')}\n`)
    expect(await takeBack()).to.equal('done')
    expect(supervised.active).to.equal('v1')
  })

  it('is not taken back for exits from before something outside was up again', async () => {
    const { supervised, takeBack } = await failing()
    await supervised.crash(5)
    const downAt = realClock.now() + 1
    expect(await takeBack(downAt)).to.equal('later')
    expect(supervised.active).to.equal('v2')
  })

  it('waits for the recovery of a deployment that was interrupted', async () => {
    const { supervised, takeBack } = await failing()
    await supervised.crash(3)
    writeDeployment(aHome({ folder: supervised.folder }), aDeployment(aPlan({})))
    expect(await takeBack()).to.equal('later')
  })
})
