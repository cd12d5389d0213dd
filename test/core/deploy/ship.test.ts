import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { readDeployment } from '#core/deploy/deployment-file.js'
import { recover } from '#core/deploy/recover.js'
import type { Hooks } from '#core/deploy/run/steps.js'
import { readPointer } from '#core/home/active-release.js'
import { clearDesiredState, readDesiredStop, writeDesiredStop } from '#core/home/desired-state.js'
import type { Supervisor } from '#core/supervisor/supervisor.js'
import { aHome } from '../../support/builders/home.js'
import { deployWith, openHomeOf, QUIET } from '../../support/deploy/deploy.js'
import { SupervisedHome } from '../../support/deploy/supervised-home.js'
import { failureOf } from '../../support/failure.js'

describe('a version that fails', () => {
  async function home(...broken: string[]): Promise<SupervisedHome> {
    const home = new SupervisedHome(['v1', 'v2', 'v3'])
    for (const tag of ['v1', 'v2']) await home.deploy(tag)
    for (const tag of broken) home.broken.add(tag)
    return home
  }

  const results = [
    { broken: ['v3'], outcome: 'rolled_back', active: 'v2', rating: 'bad', says: /^v2-\w+ is back, and healthy/ },
    { broken: ['v3', 'v2'], outcome: 'rolled_back', active: 'v1', rating: 'bad', says: /v1-\w+/ },
    { broken: ['v3', 'v2', 'v1'], outcome: 'needs_attention', active: 'v1', rating: 'unverified', says: /v1-\w+/ },
  ]
  for (const { broken, outcome, active, rating, says } of results) {
    it(`with ${broken.join(' and ')} broken ends with ${active} running (${outcome}), and is ${rating}`, async () => {
      const supervised = await home(...broken)
      const error = await failureOf(supervised.deploy('v3'))
      expect(error).to.include({ code: 'DEPLOY_FAILED', exit: 1 })
      expect(error.message.split('\n').slice(1).join('\n')).to.match(says)
      expect(supervised.active).to.equal(active)
      expect(supervised.ended()).to.include({ outcome, active: readPointer(supervised.paths)?.name })
      expect(supervised.ratedAs('v3')).to.equal(rating)
      expect(readDeployment(aHome({ folder: supervised.paths.home }))).to.equal(undefined)
    })
  }

  it('stays recorded where it can not be rolled back either, and is rolled back once that works again', async () => {
    const supervised = await home('v3')
    const restart = supervised.supervisor.restart
    let tries = 0
    const supervisor: Supervisor = {
      ...supervised.supervisor,
      restart: () => {
        supervised.restarts = tries++ === 0
        return restart(() => {})
      },
    }
    const error = await failureOf(deployWith(supervisor, supervised.folder, 'v3'))
    expect(error.message).to.contain('Rolling back failed, too: no restart today')
    expect(error.suggestions.join()).to.contain('catalyst deploy recover')
    expect(supervised.ended()).to.include({ outcome: 'needs_attention' })
    supervised.restarts = true
    const result = await recover(await openHomeOf(supervised.supervisor, supervised.folder), QUIET)
    expect(result).to.include({ outcome: 'rolled_back' })
    expect([supervised.active, supervised.ended()?.outcome]).to.deep.equal(['v2', 'rolled_back'])
    if (process.platform === 'linux') expect(openFiles(), 'nothing stays open').to.not.include(supervised.paths.journal)
  })

  it('is rolled back to the bot that runs on where that could not be restarted, and waits for no other', async () => {
    const supervised = await home()
    fs.appendFileSync(join(supervised.folder, '.env'), 'BOT_START_TIMEOUT=2\n')
    supervised.restarts = false
    const error = await failureOf(supervised.deploy('v3'))
    expect(error.message).to.contain('no restart today')
    expect(error.message).to.match(/v2-\w+ is back, and healthy/)
    expect([supervised.active, supervised.ended()?.outcome]).to.deep.equal(['v2', 'rolled_back'])
  })

  for (const when of ['export', 'gate'] as const) {
    it(`is neither started again nor rated bad where somebody stops the bot (${when})`, async () => {
      const supervised = await home()
      let restarts = 0
      const supervisor: Supervisor = {
        ...supervised.supervisor,
        async restart() {
          restarts++
          clearDesiredState(supervised.paths) // as a start does
          await supervised.supervisor.restart(() => {})
        },
        fault: async () => (readDesiredStop(supervised.paths) ? 'the service does not run' : undefined),
      }
      const onStep: Hooks['onStep'] = ({ step, state }) => {
        if (step !== when || state !== 'begin') return
        writeDesiredStop(supervised.paths, 'ann', Date.now())
        fs.rmSync(supervised.paths.bot)
      }
      const error = await failureOf(deployWith(supervisor, supervised.folder, 'v3', false, { onStep }))
      expect(error.code).to.equal('DEPLOY_CANCELLED')
      expect(error.message).to.contain('stopped on purpose')
      expect(supervised.ended()?.reason).to.contain('stopped on purpose')
      expect([supervised.active, supervised.ratedAs('v3')]).to.deep.equal(['v2', 'unverified'])
      expect([readDesiredStop(supervised.paths)?.by, restarts]).to.deep.equal(['ann', when === 'gate' ? 1 : 0])
      expect(readDeployment(aHome({ folder: supervised.paths.home }))).to.equal(undefined)
    })
  }

  /** Deploys v3; a step that begins or fails for the n-th time calls `then` with n. */
  async function deployUntil(
    supervised: SupervisedHome,
    at: { step: string; state: string },
    then: (count: number) => void,
  ) {
    let [restarts, count] = [0, 0]
    const supervisor: Supervisor = {
      ...supervised.supervisor,
      async restart() {
        restarts++
        clearDesiredState(supervised.paths)
        await supervised.supervisor.restart(() => {})
      },
    }
    const onStep: Hooks['onStep'] = ({ step, state }) => {
      if (step === at.step && state === at.state) then(++count)
    }
    const error = await failureOf(deployWith(supervisor, supervised.folder, 'v3', false, { onStep }))
    return { error, restarts }
  }

  function stop(supervised: SupervisedHome): void {
    writeDesiredStop(supervised.paths, 'ann', Date.now())
    fs.rmSync(supervised.paths.bot, { force: true })
  }

  it('is rolled back also where somebody stops the bot meanwhile', async () => {
    const supervised = await home('v3')
    const { error } = await deployUntil(supervised, { step: 'gate', state: 'begin' }, (count) => {
      if (count === 2) stop(supervised)
    })
    expect(error.code).to.equal('DEPLOY_FAILED')
    expect(error.message).to.match(/v2-\w+ is back\. No bot runs: it was stopped on purpose\.$/)
    expect([supervised.active, supervised.ended()?.outcome, supervised.ratedAs('v3')]).to.deep.equal([
      'v2',
      'rolled_back',
      'bad',
    ])
    expect(readDeployment(aHome({ folder: supervised.paths.home }))).to.equal(undefined)
  })

  it('is not started again for the last good version either where somebody stops the bot', async () => {
    const supervised = await home('v3', 'v2')
    const { restarts } = await deployUntil(supervised, { step: 'gate', state: 'failed' }, (count) => {
      if (count === 2) stop(supervised)
    })
    expect([supervised.active, supervised.ended()?.outcome, restarts]).to.deep.equal(['v1', 'needs_attention', 2])
    expect(readDesiredStop(supervised.paths)?.by).to.equal('ann')
  })

  it('is rolled back, and the bot with it, where a stop turns out to be not permitted', async () => {
    const supervised = await home()
    const { error, restarts } = await deployUntil(supervised, { step: 'gate', state: 'begin' }, (count) => {
      if (count > 1) return
      writeDesiredStop(supervised.paths, 'ann', Date.now())
      setTimeout(() => clearDesiredState(supervised.paths), 500)
    })
    expect(error.code).to.equal('DEPLOY_CANCELLED')
    expect(error.message).to.match(/v2-\w+ is back, and healthy/)
    expect(restarts).to.equal(2)
  })
})

describe('a version for a bot that was stopped on purpose', () => {
  it('goes live, also where the clock was set back since', async () => {
    const supervised = new SupervisedHome(['v1'])
    const supervisor: Supervisor = {
      ...supervised.supervisor,
      async restart() {
        clearDesiredState(supervised.paths)
        await supervised.supervisor.restart(() => {})
      },
    }
    writeDesiredStop(supervised.paths, 'ann', Date.now() + 3_600_000)
    expect(await deployWith(supervisor, supervised.folder, 'v1')).to.include({ outcome: 'deployed' })
  })

  it('is rolled back at once where a bot runs without a supervisor', async function () {
    this.timeout(10_000)
    const supervised = new SupervisedHome(['v1', 'v2'])
    await supervised.deploy('v1') // its bot is this process
    const end = new AbortController()
    const onStep: Hooks['onStep'] = ({ step }) => {
      if (step !== 'export') return
      writeDesiredStop(supervised.paths, 'ann', Date.now())
      end.abort()
    }
    const supervisor: Supervisor = { ...supervised.supervisor, kind: 'none' }
    const error = await failureOf(
      deployWith(supervisor, supervised.folder, 'v2', false, { onStep, signal: end.signal }),
    )
    expect(error.code).to.equal('DEPLOY_CANCELLED')
    expect(supervised.active).to.equal('v1')
  })

  it('stays proven where it was interrupted after its proof', async () => {
    const supervised = new SupervisedHome(['v1'])
    let file = ''
    const onStep: Hooks['onStep'] = ({ step, state }) => {
      if (step === 'prune' && state === 'begin') file = fs.readFileSync(supervised.paths.deployment, 'utf8')
    }
    await deployWith(supervised.supervisor, supervised.folder, 'v1', false, { onStep })
    fs.writeFileSync(supervised.paths.deployment, file)
    writeDesiredStop(supervised.paths, 'ann', Date.now())
    expect(await recover(await openHomeOf(supervised.supervisor, supervised.folder), QUIET)).to.include({
      outcome: 'deployed',
    })
  })
})

/** What this process has open. */
function openFiles(): string[] {
  return fs.readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [fs.readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return []
    }
  })
}
