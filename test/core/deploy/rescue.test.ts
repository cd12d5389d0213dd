import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import type { BotKeeper } from '#core/deploy/bot-keeper.js'
import { readDeployment } from '#core/deploy/deployment-file.js'
import { recover } from '#core/deploy/recover.js'
import type { Hooks } from '#core/deploy/steps.js'
import { readVerdicts } from '#core/deploy/verdicts.js'
import { openJournal, readJournal } from '#core/journal/journal.js'
import { readPointer } from '#core/state/active-release.js'
import { homePaths } from '#core/state/home-paths.js'
import { forgetWish, readStopWish, wishStop } from '#core/state/wanted.js'
import { realClock } from '#core/system/clock.js'
import { thisProcess } from '#core/system/processes.js'
import { deployWith, openHomeOf, QUIET } from '../../support/deploy.js'
import { failureOf } from '../../support/failure.js'
import { TestRepository } from '../../support/repository.js'
import { tempFolder } from '../../support/temp.js'

/** A home whose bot is kept by a keeper that is told what works: a restart then shows a bot that works, or crashes. */
class KeptHome {
  readonly folder: string
  readonly paths: ReturnType<typeof homePaths>
  /** Versions whose bot crashes at once. */
  readonly broken = new Set<string>()
  /** Whether restarting works at all. */
  restarts = true
  readonly keeper: BotKeeper
  readonly #repository = new TestRepository(tempFolder())

  constructor(versions: readonly string[]) {
    this.folder = this.#repository.folder
    this.paths = homePaths(this.folder)
    // without the endpoint a bot is well when its process lives
    fs.writeFileSync(join(this.folder, '.env'), 'HEALTH_CHECK_ENABLED=0\nDEPLOY_SETTLE_SECONDS=0\n')
    for (const tag of versions) {
      this.#repository.commit({ '.gitignore': '.env\ndata/\n', 'bot.mjs': `// ${tag}\n` })
      this.#repository.git('tag', tag)
    }
    this.keeper = {
      kind: 'watchdog',
      environment: {},
      restart: () => this.#restart(),
      trouble: async () => undefined,
    }
  }

  async #restart(): Promise<void> {
    if (!this.restarts) throw new Error('no restart today')
    const release = readPointer(this.paths)?.name ?? null
    const journal = openJournal(realClock, this.paths.journal, (text) => text)
    const bot = { ...(await thisProcess()), instance: randomUUID(), since: '', version: '', release }
    fs.mkdirSync(dirname(this.paths.bot), { recursive: true })
    fs.writeFileSync(this.paths.bot, JSON.stringify(bot))
    journal.append('bot.start', { pid: bot.pid, release })
    const isBroken = [...this.broken].some((tag) => release?.startsWith(`${tag}-`))
    if (isBroken) journal.append('bot.crash', { pid: bot.pid, exit: 1, error: 'it is broken' })
  }

  deploy(tag: string) {
    return deployWith(this.keeper, this.folder, tag)
  }

  get active(): string | undefined {
    return readPointer(this.paths)?.name.split('-')[0]
  }

  ended() {
    return readJournal(this.paths.journal)
      .entries.filter(({ kind }) => kind === 'deploy.end')
      .at(-1)
  }

  verdictOf(tag: string): string {
    const commit = this.#repository.git('rev-parse', `${tag}^{commit}`)
    return readVerdicts(this.paths).get(commit)?.verdict ?? 'unknown'
  }
}

describe('a version that fails', () => {
  async function home(...broken: string[]): Promise<KeptHome> {
    const home = new KeptHome(['v1', 'v2', 'v3'])
    for (const tag of ['v1', 'v2']) await home.deploy(tag)
    for (const tag of broken) home.broken.add(tag)
    return home
  }

  const endings = [
    { broken: ['v3'], outcome: 'back', active: 'v2', verdict: 'bad', says: /^v2-\w+ is back, and healthy/ },
    { broken: ['v3', 'v2'], outcome: 'back', active: 'v1', verdict: 'bad', says: /v1-\w+/ },
    { broken: ['v3', 'v2', 'v1'], outcome: 'needs you', active: 'v1', verdict: 'unknown', says: /v1-\w+/ },
  ]
  for (const { broken, outcome, active, verdict, says } of endings) {
    it(`with ${broken.join(' and ')} broken ends with ${active} running (${outcome}), and is ${verdict}`, async () => {
      const kept = await home(...broken)
      const error = await failureOf(kept.deploy('v3'))
      expect(error).to.include({ code: 'DEPLOY_FAILED', exit: 1 })
      expect(error.message.split('\n').slice(1).join('\n')).to.match(says)
      expect(kept.active).to.equal(active)
      expect(kept.ended()).to.include({ outcome, active: readPointer(kept.paths)?.name })
      expect(kept.verdictOf('v3')).to.equal(verdict)
      expect(readDeployment(kept.paths)).to.equal(undefined)
    })
  }

  it('and can not be taken back either stays on record, and is taken back once that works again', async () => {
    const kept = await home('v3')
    const restart = kept.keeper.restart
    let tries = 0
    const keeper: BotKeeper = {
      ...kept.keeper,
      restart: () => {
        kept.restarts = tries++ === 0
        return restart()
      },
    }
    const error = await failureOf(deployWith(keeper, kept.folder, 'v3'))
    expect(error.message).to.contain('The way back failed, too: no restart today')
    expect(error.suggestions.join()).to.contain('catalyst deploy recover')
    expect(kept.ended()).to.include({ outcome: 'needs you' })
    kept.restarts = true
    const ending = await recover(await openHomeOf(kept.keeper, kept.folder), QUIET)
    expect(ending).to.include({ outcome: 'back' })
    expect([kept.active, kept.ended()?.outcome]).to.deep.equal(['v2', 'back'])
    if (process.platform === 'linux') expect(openFiles(), 'nothing stays open').to.not.include(kept.paths.journal)
  })

  it('because the bot could not be restarted goes back to the bot that runs on, and waits for no other', async () => {
    const kept = await home()
    fs.appendFileSync(join(kept.folder, '.env'), 'BOT_START_TIMEOUT=2\n')
    kept.restarts = false
    const error = await failureOf(kept.deploy('v3'))
    expect(error.message).to.contain('no restart today')
    expect(error.message).to.match(/v2-\w+ is back, and healthy/)
    expect([kept.active, kept.ended()?.outcome]).to.deep.equal(['v2', 'back'])
  })

  for (const when of ['export', 'gate'] as const) {
    it(`since somebody stops the bot on purpose (${when}) is not started again, nor is it held to be bad`, async () => {
      const kept = await home()
      let restarts = 0
      const keeper: BotKeeper = {
        ...kept.keeper,
        async restart() {
          restarts++
          forgetWish(kept.paths) // as whoever starts it does
          await kept.keeper.restart()
        },
        trouble: async () => (readStopWish(kept.paths) ? 'the service does not run' : undefined),
      }
      const onStep: Hooks['onStep'] = ({ step, state }) => {
        if (step !== when || state !== 'begin') return
        wishStop(kept.paths, 'ann', Date.now())
        fs.rmSync(kept.paths.bot)
      }
      const error = await failureOf(deployWith(keeper, kept.folder, 'v3', false, { onStep }))
      expect(error.code).to.equal('DEPLOY_CANCELLED')
      expect(error.message).to.contain('stopped on purpose')
      expect(kept.ended()?.reason).to.contain('stopped on purpose')
      expect([kept.active, kept.verdictOf('v3')]).to.deep.equal(['v2', 'unknown'])
      expect([readStopWish(kept.paths)?.by, restarts]).to.deep.equal(['ann', when === 'gate' ? 1 : 0])
      expect(readDeployment(kept.paths)).to.equal(undefined)
    })
  }

  /** Deploys v3; a step that begins or fails for the n-th time calls `then` with n. */
  async function deployUntil(kept: KeptHome, at: { step: string; state: string }, then: (count: number) => void) {
    let [restarts, count] = [0, 0]
    const keeper: BotKeeper = {
      ...kept.keeper,
      async restart() {
        restarts++
        forgetWish(kept.paths)
        await kept.keeper.restart()
      },
    }
    const onStep: Hooks['onStep'] = ({ step, state }) => {
      if (step === at.step && state === at.state) then(++count)
    }
    const error = await failureOf(deployWith(keeper, kept.folder, 'v3', false, { onStep }))
    return { error, restarts }
  }

  function stop(kept: KeptHome): void {
    wishStop(kept.paths, 'ann', Date.now())
    fs.rmSync(kept.paths.bot, { force: true })
  }

  it('whose bot somebody stops on the way back has come back all the same', async () => {
    const kept = await home('v3')
    const { error } = await deployUntil(kept, { step: 'gate', state: 'begin' }, (count) => {
      if (count === 2) stop(kept)
    })
    expect(error.code).to.equal('DEPLOY_FAILED')
    expect(error.message).to.match(/v2-\w+ is back\.$/)
    expect([kept.active, kept.ended()?.outcome, kept.verdictOf('v3')]).to.deep.equal(['v2', 'back', 'bad'])
    expect(readDeployment(kept.paths)).to.equal(undefined)
  })

  it('whose bot somebody stops is not started again for a rescue either', async () => {
    const kept = await home('v3', 'v2')
    const { restarts } = await deployUntil(kept, { step: 'gate', state: 'failed' }, (count) => {
      if (count === 2) stop(kept)
    })
    expect([kept.active, kept.ended()?.outcome, restarts]).to.deep.equal(['v1', 'needs you', 2])
    expect(readStopWish(kept.paths)?.by).to.equal('ann')
  })

  it('because of a stop that was not allowed after all goes back, and the bot with it', async () => {
    const kept = await home()
    const { error, restarts } = await deployUntil(kept, { step: 'gate', state: 'begin' }, (count) => {
      if (count > 1) return
      wishStop(kept.paths, 'ann', Date.now())
      setTimeout(() => forgetWish(kept.paths), 500)
    })
    expect(error.code).to.equal('DEPLOY_CANCELLED')
    expect(error.message).to.match(/v2-\w+ is back, and healthy/)
    expect(restarts).to.equal(2)
  })
})

describe('a version for a bot that was stopped on purpose', () => {
  it('goes live, also where the clock was set back since', async () => {
    const kept = new KeptHome(['v1'])
    const keeper: BotKeeper = {
      ...kept.keeper,
      async restart() {
        forgetWish(kept.paths)
        await kept.keeper.restart()
      },
    }
    wishStop(kept.paths, 'ann', Date.now() + 3_600_000)
    expect(await deployWith(keeper, kept.folder, 'v1')).to.include({ outcome: 'good' })
  })

  it('goes back at once where nobody keeps the bot that runs all the same', async function () {
    this.timeout(10_000)
    const kept = new KeptHome(['v1', 'v2'])
    await kept.deploy('v1') // its bot is this process
    const end = new AbortController()
    const onStep: Hooks['onStep'] = ({ step }) => {
      if (step !== 'export') return
      wishStop(kept.paths, 'ann', Date.now())
      end.abort()
    }
    const keeper: BotKeeper = { ...kept.keeper, kind: 'nobody' }
    const error = await failureOf(deployWith(keeper, kept.folder, 'v2', false, { onStep, signal: end.signal }))
    expect(error.code).to.equal('DEPLOY_CANCELLED')
    expect(kept.active).to.equal('v1')
  })

  it('that was cut off after its proof stays proven', async () => {
    const kept = new KeptHome(['v1'])
    let file = ''
    const onStep: Hooks['onStep'] = ({ step, state }) => {
      if (step === 'prune' && state === 'begin') file = fs.readFileSync(kept.paths.deployment, 'utf8')
    }
    await deployWith(kept.keeper, kept.folder, 'v1', false, { onStep })
    fs.writeFileSync(kept.paths.deployment, file)
    wishStop(kept.paths, 'ann', Date.now())
    expect(await recover(await openHomeOf(kept.keeper, kept.folder), QUIET)).to.include({ outcome: 'good' })
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
