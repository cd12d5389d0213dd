import { expect } from 'chai'
import {
  isPastProof,
  type Plan,
  type PlanFacts,
  type Progress,
  planRestart,
  planUndo,
  type Step,
  describe as words,
} from '#core/deploy/plan.js'
import type { SupervisorKind } from '#core/supervisor/supervisor.js'
import { aPlan as anyPlan } from '../../support/builders/deployment.js'
import { expectGolden } from '../../support/golden.js'

const COMMIT = '1a2b3c4d5e6f708192a3b4c5d6e7f80912233445'
const TARGET = { name: 'v2-1a2b3c4d', commit: COMMIT, tag: 'v2', subfolder: '' }
const FROM = { name: 'v1-0011aabb', commit: '0011aabb'.repeat(5) }
const NPM = [['npm', 'ci']] as const
const PIP = [
  ['python3', '-m', 'venv', '.venv'],
  ['.venv/bin/python', '-m', 'pip', 'install'],
] as const

/** A deployment that installs and checks something. */
const aPlan = (changes: Partial<PlanFacts> = {}) => anyPlan({ install: NPM, check: ['npm', 'test'], ...changes })
const progress = (begun: number, more: Partial<Progress> = {}): Progress => ({
  begun,
  backup: '20260301T120000000Z',
  instance: 'the old one',
  supervisor: 'service',
  ...more,
})
const doings = (steps: readonly Step[]) => steps.map((step) => step.do)

const SETTINGS = [
  undefined,
  { backup: '20260101T000000000Z', secrets: 'of today' },
  { backup: '20260101T000000000Z', secrets: 'of the backup' },
] as const
const SUPERVISORS: readonly SupervisorKind[] = ['service', 'watchdog', 'none']

/** Every plan there can be. */
function* everyPlan(): Generator<{ plan: Plan; supervisor: SupervisorKind }> {
  for (const hasSettings of [true, false])
    for (const isBuilt of [true, false])
      for (const install of [[], NPM, PIP])
        for (const check of [undefined, ['npm', 'test'] as const])
          for (const settings of SETTINGS)
            for (const supervisor of SUPERVISORS)
              for (const from of [FROM, null])
                yield {
                  supervisor,
                  plan: aPlan({ hasSettings, isBuilt, install, check, settings, supervisor, from }),
                }
}

describe('a plan', () => {
  it('describes its steps and those that undo it, for every kind of version', () => {
    const plans: [string, Plan, SupervisorKind][] = [
      ['a new version, supervised by a service', aPlan(), 'service'],
      ['the first one, without settings', aPlan({ from: null, hasSettings: false }), 'service'],
      [
        'nothing to install, nothing to check, supervised by a watchdog',
        aPlan({ install: [], check: undefined, supervisor: 'watchdog' }),
        'watchdog',
      ],
      ['two tools, without a supervisor', aPlan({ install: PIP, supervisor: 'none' }), 'none'],
      [
        'a rollback to what is on disk, with the settings of then',
        aPlan({ what: 'rollback', isBuilt: true, settings: SETTINGS[1] }),
        'service',
      ],
      [
        'a rollback to what has to be built, with the secrets of then',
        aPlan({ what: 'rollback', settings: SETTINGS[2] }),
        'watchdog',
      ],
      [
        'a commit without a tag, in a part of the repository',
        aPlan({ target: { name: 'commit-1a2b3c4d', commit: COMMIT, tag: null, subfolder: 'bots/one/' } }),
        'service',
      ],
      ['a version with data of its own', aPlan({ snapshotPaths: ['bot.db', 'state'] }), 'service'],
      [
        'a rollback with the data of then',
        aPlan({ what: 'rollback', isBuilt: true, settings: SETTINGS[1], data: '20260301T120000000Z' }),
        'watchdog',
      ],
      ['what is active already', aPlan({ from: TARGET, isBuilt: true }), 'service'],
    ]
    const lines = plans.flatMap(([title, plan, supervisor]) => [
      `${title}:`,
      ...plan.steps.map((step) => `  ${words(step, plan)}`),
      '  and back:',
      ...planUndo(plan, progress(plan.steps.length, { supervisor })).map((step) => `    ${words(step, plan)}`),
      '  and to the last good one:',
      ...planRestart({ name: 'v0-aabbccdd', commit: 'aabbccdd' }, supervisor).map((step) => `    ${words(step, plan)}`),
      '',
    ])
    expectGolden('deploy/plans.txt', lines.join('\n'))
  })

  it('touches nothing that runs before the release is whole, and then restarts in one step', () => {
    for (const { plan, supervisor } of everyPlan()) {
      const order = doings(plan.steps)
      const at = order.indexOf('switch')
      expect(order.filter((what) => what === 'switch')).to.have.length(1)
      expect(order.slice(0, at)).to.not.include.members(['restart'])
      const before = [
        'link',
        ...(supervisor === 'none' ? [] : ['wait']),
        ...(order.includes('settings') ? ['settings'] : []),
      ]
      expect(order.slice(order.indexOf('link'), at)).to.deep.equal(before)
      expect(order.slice(at)).to.deep.equal(
        supervisor === 'none' ? ['switch', 'prune'] : ['switch', 'restart', 'gate', 'prune'],
      )
      if (order.includes('export')) expect(order.indexOf('seal')).to.equal(order.indexOf('link') - 1)
    }
  })

  it('orders what is done to the data before the switch, and undoes it before the switch back', () => {
    const [copy, put] = [
      aPlan({ snapshotPaths: ['bot.db'] }),
      aPlan({ snapshotPaths: ['bot.db'], data: '20260301T120000000Z' }),
    ]
    for (const [plan, what] of [
      [copy, 'snapshot'],
      [put, 'data'],
    ] as const) {
      const order = doings(plan.steps)
      expect(order[order.indexOf('switch') - 1]).to.equal(what)
      expect(doings(planUndo(plan, progress(order.indexOf('switch') + 1)))).to.deep.equal([
        'data',
        'switch',
        'restart',
        'gate',
      ])
      expect(doings(planUndo(plan, progress(order.indexOf('switch')))), 'nothing has changed yet').to.deep.equal([])
    }
  })

  it('waits for no bot where it must not, or none is restarted', () => {
    expect(doings(aPlan({ busyMaxSeconds: 0 }).steps)).to.not.include('wait')
    expect(doings(aPlan({ supervisor: 'none' }).steps)).to.not.include('wait')
  })

  it('backs up the settings before anything else, wherever there are some', () => {
    for (const { plan } of everyPlan()) {
      const order = doings(plan.steps)
      if (order.includes('backup')) expect(order[0]).to.equal('backup')
    }
  })

  it('always restarts the bot', () => {
    for (const { plan } of everyPlan())
      for (const step of plan.steps) if (step.do === 'restart') expect(step.unless).to.equal(null)
  })

  it('names the subfolder of the home in its pointer where the home is a part of its repository', () => {
    const plan = aPlan({ target: { ...TARGET, subfolder: 'bots/one/' } })
    expect(plan.steps).to.deep.include({
      do: 'switch',
      to: { name: TARGET.name, commit: COMMIT, subfolder: 'bots/one/' },
    })
    expect(aPlan().steps).to.deep.include({ do: 'switch', to: { name: TARGET.name, commit: COMMIT } })
  })
})

describe('the plan that undoes another one', () => {
  it('undoes nothing that had not begun, at whatever step the plan was interrupted', () => {
    for (const { plan, supervisor } of everyPlan())
      for (let begun = 0; begun <= plan.steps.length; begun++) {
        const had = new Set(doings(plan.steps.slice(0, begun)))
        const back = doings(planUndo(plan, progress(begun, { supervisor })))
        const why = `${doings(plan.steps).join()} at ${begun}: ${back.join()}`
        if (!had.has('settings')) expect(back, why).to.not.include('settings')
        if (!had.has('switch')) for (const what of ['switch', 'restart', 'gate']) expect(back, why).to.not.include(what)
        if (!had.has('export')) expect(back, why).to.not.include('discard')
        for (const what of ['backup', 'export', 'install', 'check', 'seal', 'link', 'prune'])
          expect(back, why).to.not.include(what)
      }
  })

  it('undoes all that had begun, in this order: settings, switch, restart, gate, discard', () => {
    for (const { plan, supervisor } of everyPlan())
      for (let begun = 0; begun <= plan.steps.length; begun++) {
        const had = new Set(doings(plan.steps.slice(0, begun)))
        const isKept = supervisor !== 'none'
        // a later step begins only when the release has been sealed
        const isWhole = plan.steps.slice(0, Math.max(0, begun - 1)).some((step) => step.do === 'seal')
        expect(
          doings(planUndo(plan, progress(begun, { supervisor }))),
          `${doings(plan.steps).join()} at ${begun}`,
        ).to.deep.equal([
          ...(had.has('settings') ? ['settings'] : []),
          ...(had.has('switch') ? ['switch', ...(isKept ? ['restart', 'gate'] : [])] : []),
          ...(had.has('export') && !isWhole ? ['discard'] : []),
        ])
      }
  })

  it('switches to what was active before, and proves that', () => {
    for (const { plan, supervisor } of everyPlan())
      for (const step of planUndo(plan, progress(plan.steps.length, { supervisor }))) {
        if (step.do === 'switch') expect(step.to).to.equal(plan.from)
        if (step.do === 'gate') expect(step.release).to.equal(plan.from?.name ?? null)
      }
  })

  it('restores the previous settings with all of their secrets, and none where none were backed up', () => {
    const plan = aPlan({ what: 'rollback', settings: SETTINGS[1] })
    const begun = plan.steps.length
    expect(planUndo(plan, progress(begun))[0]).to.deep.equal({
      do: 'settings',
      backup: '20260301T120000000Z',
      secrets: 'of the backup',
    })
    expect(doings(planUndo(plan, progress(begun, { backup: null })))).to.not.include('settings')
  })

  it('restarts the previous bot only where it may have read other settings', () => {
    const unless = (plan: Plan, begun: number) =>
      planUndo(plan, progress(begun)).flatMap((step) => (step.do === 'restart' ? [step.unless] : []))
    const plain = aPlan()
    const withSettings = aPlan({ what: 'rollback', settings: SETTINGS[1] })
    const until = (plan: Plan, what: Step['do']) => doings(plan.steps).indexOf(what) + 1
    expect(unless(plain, until(plain, 'switch'))).to.deep.equal(['the old one'])
    expect(unless(plain, until(plain, 'gate'))).to.deep.equal(['the old one'])
    expect(unless(withSettings, until(withSettings, 'switch'))).to.deep.equal(['the old one'])
    expect(unless(withSettings, until(withSettings, 'restart'))).to.deep.equal([null])
  })
})

describe('a version under deployment', () => {
  it('has proven itself only once the step after the gate has begun', () => {
    for (const { plan, supervisor } of everyPlan()) {
      const last = doings(plan.steps).indexOf(supervisor === 'none' ? 'switch' : 'gate')
      for (let begun = 0; begun <= plan.steps.length; begun++)
        expect(isPastProof(plan, begun), `${doings(plan.steps).join()} at ${begun}`).to.equal(begun > last + 1)
    }
  })
})
