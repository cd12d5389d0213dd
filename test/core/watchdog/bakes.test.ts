import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Logger } from 'pino'
import { writePointer } from '#core/home/active-release.js'
import { writeDesiredStop } from '#core/home/desired-state.js'
import { homePaths } from '#core/home/home-paths.js'
import { type Incident, openIncident } from '#core/incidents/incident.js'
import { NO_SUPERVISOR } from '#core/supervisor/supervisor.js'
import { Bakes, failingBy, type TakenBack } from '#core/watchdog/bakes.js'
import { FakeClock } from '../../support/fake-clock.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

const ACTIVE = 'v2-1a2b3c4d'
const loop = (changes: Partial<Incident> = {}): Incident => ({
  ...openIncident('ended', 1000),
  release: ACTIVE,
  ends: 5,
  ...changes,
})

describe('a failure of a release that bakes', () => {
  for (const [what, incident, why] of [
    ['is a crash loop', loop(), /crash loop: it has ended 5 times/],
    [
      'is a used-up restart budget',
      loop({ why: 'hangs', ends: 0, state: 'needs_attention', attention: { why: 'restarts_used_up', limit: 3 } }),
      /3 restarts in an hour did not help/,
    ],
    ['is no single exit', loop({ ends: 4 }), undefined],
    ['is none of another release', loop({ release: 'v1-00000000' }), undefined],
    ['is none that is over', loop({ state: 'recovered' }), undefined],
    [
      'is no fault of the settings',
      loop({ why: 'settings', state: 'needs_attention', attention: { why: 'not_retried', limit: 3 } }),
      undefined,
    ],
    [
      'is no budget that was switched off',
      loop({ why: 'hangs', state: 'needs_attention', attention: { why: 'restarts_switched_off', limit: 3 } }),
      undefined,
    ],
  ] as const)
    it(what, () => {
      const found = failingBy(incident, ACTIVE)?.why
      if (why === undefined) expect(found).to.equal(undefined)
      else expect(found).to.match(why)
    })

  it('is none of the working tree', () => {
    expect(failingBy(loop({ release: null }), undefined)).to.equal(undefined)
  })
})

describe('taking a release back that bakes', () => {
  afterEach(removeTempFolders)

  function newBakes({ tried, hours = 24 }: { tried?: string[]; hours?: number } = {}) {
    const paths = homePaths(tempFolder())
    mkdirSync(join(paths.releases, ACTIVE), { recursive: true })
    mkdirSync(paths.state, { recursive: true })
    writePointer(paths, { name: ACTIVE, commit: '1a2b3c4d' })
    const clock = new FakeClock()
    const end = new AbortController()
    const world = {
      paths,
      clock,
      end,
      taken: 0,
      saved: 0,
      said: [] as string[],
      /** When something outside was last down, as it was told each time. */
      asked: [] as (number | undefined)[],
      answer: async (): Promise<TakenBack> => 'done',
    }
    const bakes = new Bakes(
      clock,
      {
        paths,
        log: { error: (text: string) => world.said.push(text) } as unknown as Logger,
        supervisor: NO_SUPERVISOR,
        bakeHours: hours,
        takeBack: ({ outsideDownAt }) => {
          world.taken++
          world.asked.push(outsideDownAt)
          return world.answer()
        },
        save: () => world.saved++,
      },
      tried,
    )
    return {
      ...world,
      world,
      look: (incident: Incident | undefined) => bakes.takeBackIfDue(incident, end.signal),
      tried: () => bakes.tried,
    }
  }

  it('is done once, and remembered', async () => {
    const { look, world, tried } = newBakes()
    await look(loop())
    await look(loop())
    expect(world).to.include({ taken: 1, saved: 1 })
    expect(tried()).to.deep.equal([ACTIVE])
  })

  it('is not done again by the next watchdog', async () => {
    const { look, world } = newBakes({ tried: [ACTIVE] })
    await look(loop())
    expect(world.taken).to.equal(0)
  })

  it('waits a minute where something outside is down, and is not remembered', async () => {
    const { look, world, tried } = newBakes()
    world.answer = async () => 'outside down'
    await look(loop())
    await look(loop())
    expect(world.taken).to.equal(1)
    expect(tried()).to.deep.equal([])
    const downAt = world.clock.now()
    await world.clock.turn(60_000)
    world.answer = async () => 'later'
    await look(loop())
    await world.clock.turn(60_000)
    await look(loop())
    await world.clock.turn(60_000)
    await look(loop({ id: 2000 }))
    expect(world.asked).to.deep.equal([undefined, downAt, downAt, undefined])
  })

  it('is possible again where the release was deployed again, after another one was active', async () => {
    const { look, world, tried } = newBakes()
    const activate = (name: string) => {
      mkdirSync(join(world.paths.releases, name), { recursive: true })
      writePointer(world.paths, { name, commit: '1a2b3c4d' })
    }
    await look(loop())
    await look(undefined)
    expect(tried(), 'it came back itself').to.deep.equal([ACTIVE])
    activate('v1-00000000')
    await look(undefined)
    activate(ACTIVE)
    await look(loop({ id: 2000 }))
    expect(world.taken).to.equal(2)
    expect(tried()).to.deep.equal([ACTIVE])
  })

  it('asks again for an incident that was no reason only once there is another exit, or another incident', async () => {
    const { look, world } = newBakes()
    world.answer = async () => 'not due'
    await look(loop())
    await look(loop())
    expect(world.taken).to.equal(1)
    await look(loop({ ends: 6 }))
    expect(world.taken).to.equal(2)
    await look(loop({ id: 2000 }))
    expect(world.taken).to.equal(3)
  })

  it('is not done for a bot that was stopped on purpose, and with the hours at 0', async () => {
    const { look, world } = newBakes()
    writeDesiredStop(world.paths, 'ann', 0)
    await look(loop())
    const off = newBakes({ hours: 0 })
    await off.look(loop())
    expect([world.taken, off.world.taken]).to.deep.equal([0, 0])
  })

  it('is tried no more where it failed, and is left to the next watchdog where this one ends', async () => {
    const { look, world, tried } = newBakes()
    world.answer = async () => {
      throw new Error('no git')
    }
    await look(loop())
    expect(world.said.join()).to.include('could not be taken back: no git')
    expect(tried()).to.deep.equal([ACTIVE])
    const ended = newBakes()
    ended.world.answer = async () => {
      ended.world.end.abort()
      return 'done'
    }
    await ended.look(loop())
    expect(ended.tried()).to.deep.equal([])
  })
})
