import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Logger } from 'pino'
import { writePointer } from '#core/home/active-release.js'
import { writeDesiredStop } from '#core/home/desired-state.js'
import { homePaths } from '#core/home/home-paths.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { NO_SUPERVISOR } from '#core/supervisor/supervisor.js'
import { type Broken, Repairs } from '#core/watchdog/repairs.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

const BROKEN = 'v1-1a2b3c4d'

describe('the repair of a release by the watchdog', () => {
  afterEach(removeTempFolders)

  /** A home with this release active, whose repairs do as `repair` says. */
  function newHome(tried?: readonly string[]) {
    const paths = homePaths(tempFolder())
    mkdirSync(paths.state, { recursive: true })
    const activate = (name: string) => {
      mkdirSync(join(paths.releases, name), { recursive: true })
      writePointer(paths, { name, commit: '1a2b3c4d' })
    }
    activate(BROKEN)
    const end = new AbortController()
    const did: Broken[] = []
    const said: string[] = []
    const home = {
      paths,
      did,
      said,
      end,
      activate,
      saved: [] as (readonly string[])[],
      repair: async (): Promise<void> => {},
      /** The bot's start is refused, and the watchdog sees that. */
      async refuses(release: string | null = BROKEN, code = 'RUNTIME_CHANGED') {
        repairs.saw([{ time: '', kind: 'bot.crash', pid: 1, exit: 1, error: 'it is gone', code, release }])
        await repairs.repairIfDue(end.signal)
        return did.splice(0).length
      },
      look: async () => {
        await repairs.repairIfDue(end.signal)
        return did.splice(0).length
      },
      tried: () => repairs.tried,
    }
    const say = (text: string) => said.push(text)
    const repairs = new Repairs(
      {
        paths,
        log: { warn: say, error: say } as unknown as Logger,
        supervisor: { ...NO_SUPERVISOR, kind: 'watchdog' },
        repair: async (broken) => {
          did.push(broken)
          await home.repair()
        },
        save: () => home.saved.push(repairs.tried),
      },
      tried,
    )
    return home
  }

  it('is tried once, also where it fails', async () => {
    const home = newHome()
    home.repair = async () => {
      throw new Error('no network')
    }
    expect(await home.refuses()).to.equal(1)
    expect(home.saved).to.deep.equal([[BROKEN]])
    expect(home.said.join('\n')).to.include('built anew, once').and.include('no network')
    expect(await home.refuses()).to.equal(0)
    expect(await home.look()).to.equal(0)
  })

  it('is not tried again by the next watchdog', async () => {
    expect(await newHome([BROKEN]).refuses()).to.equal(0)
  })

  it('is tried for the next release that is broken', async () => {
    const home = newHome([BROKEN])
    home.activate('v1-1a2b3c4d-2')
    expect(await home.refuses('v1-1a2b3c4d-2')).to.equal(1)
    expect(home.tried()).to.deep.equal([BROKEN, 'v1-1a2b3c4d-2'])
  })

  it('is left alone where nothing is known of a changed runtime', async () => {
    const home = newHome()
    expect(await home.look()).to.equal(0)
    expect(await home.refuses(BROKEN, 'BOT_NOT_FOUND')).to.equal(0)
    expect(await home.refuses(null), 'the working tree').to.equal(0)
  })

  it('is left alone where another release is active by now', async () => {
    const home = newHome()
    home.activate('v2-2a2b3c4d')
    expect(await home.refuses()).to.equal(0)
  })

  it('is left alone where the bot was stopped on purpose', async () => {
    const home = newHome()
    writeDesiredStop(home.paths, 'somebody', Date.now())
    expect(await home.refuses()).to.equal(0)
  })

  it('waits for a deployment that is under way', async () => {
    const home = newHome()
    writeFileSync(home.paths.deployLock, JSON.stringify({ ...thisProcess(), instance: 'x' }))
    expect(await home.refuses()).to.equal(0)
    rmSync(home.paths.deployLock)
    expect(await home.look()).to.equal(1)
  })

  it('is tried again by the next watchdog where the end of this one cancelled it', async () => {
    const home = newHome()
    home.repair = async () => home.end.abort()
    expect(await home.refuses()).to.equal(1)
    expect(home.tried()).to.deep.equal([])
  })
})
