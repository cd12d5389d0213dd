import { expect } from 'chai'
import {
  isBeyondReturn,
  type KeeperKind,
  type Plan,
  type PlanFacts,
  type Progress,
  planBack,
  planFor,
  planRescue,
  type Step,
  describe as words,
} from '#core/deploy/plan.js'
import { expectGolden } from '../../support/golden.js'

const COMMIT = '1a2b3c4d5e6f708192a3b4c5d6e7f80912233445'
const TARGET = { name: 'v2-1a2b3c4d', commit: COMMIT, tag: 'v2', subfolder: '' }
const FROM = { name: 'v1-0011aabb', commit: '0011aabb'.repeat(5) }
const NPM = [['npm', 'ci']] as const
const PIP = [
  ['python3', '-m', 'venv', '.venv'],
  ['.venv/bin/python', '-m', 'pip', 'install'],
] as const

const facts = (more: Partial<PlanFacts> = {}): PlanFacts => ({
  what: 'deployment',
  target: TARGET,
  from: FROM,
  hasSettings: true,
  isBuilt: false,
  install: NPM,
  check: ['npm', 'test'],
  folders: { install: '', check: '' },
  settings: undefined,
  keeper: 'service',
  ...more,
})
const progress = (begun: number, more: Partial<Progress> = {}): Progress => ({
  begun,
  backup: '20260301T120000000Z',
  instance: 'the old one',
  keeper: 'service',
  ...more,
})
const doings = (steps: readonly Step[]) => steps.map((step) => step.do)

const SETTINGS = [
  undefined,
  { backup: '20260101T000000000Z', secrets: 'of today' },
  { backup: '20260101T000000000Z', secrets: 'of the backup' },
] as const
const KEEPERS: readonly KeeperKind[] = ['service', 'watchdog', 'nobody']

/** Every plan there can be. */
function* everyPlan(): Generator<{ plan: Plan; keeper: KeeperKind }> {
  for (const hasSettings of [true, false])
    for (const isBuilt of [true, false])
      for (const install of [[], NPM, PIP])
        for (const check of [undefined, ['npm', 'test'] as const])
          for (const settings of SETTINGS)
            for (const keeper of KEEPERS)
              for (const from of [FROM, null])
                yield {
                  keeper,
                  plan: planFor(facts({ hasSettings, isBuilt, install, check, settings, keeper, from })),
                }
}

describe('a plan', () => {
  it('says to people what it does, for every kind of version, and its way back from the end', () => {
    const plans: [string, Plan, KeeperKind][] = [
      ['a new version, kept by a service', planFor(facts()), 'service'],
      ['the first one, without settings', planFor(facts({ from: null, hasSettings: false })), 'service'],
      [
        'nothing to install, nothing to check, kept by a watchdog',
        planFor(facts({ install: [], check: undefined, keeper: 'watchdog' })),
        'watchdog',
      ],
      ['two tools, kept by nobody', planFor(facts({ install: PIP, keeper: 'nobody' })), 'nobody'],
      [
        'a rollback to what is on disk, with the settings of then',
        planFor(facts({ what: 'rollback', isBuilt: true, settings: SETTINGS[1] })),
        'service',
      ],
      [
        'a rollback to what has to be built, with the secrets of then',
        planFor(facts({ what: 'rollback', settings: SETTINGS[2] })),
        'watchdog',
      ],
      [
        'a commit without a tag, in a part of the repository',
        planFor(facts({ target: { name: 'commit-1a2b3c4d', commit: COMMIT, tag: null, subfolder: 'bots/one/' } })),
        'service',
      ],
      ['what is active already', planFor(facts({ from: TARGET, isBuilt: true })), 'service'],
    ]
    const lines = plans.flatMap(([title, plan, keeper]) => [
      `${title}:`,
      ...plan.steps.map((step) => `  ${words(step, plan)}`),
      '  and back:',
      ...planBack(plan, progress(plan.steps.length, { keeper })).map((step) => `    ${words(step, plan)}`),
      '  and to the last good one:',
      ...planRescue({ name: 'v0-aabbccdd', commit: 'aabbccdd' }, keeper).map((step) => `    ${words(step, plan)}`),
      '',
    ])
    expectGolden('deploy/plans.txt', lines.join('\n'))
  })

  it('touches nothing that runs before all of the release is there, and then restarts in one go', () => {
    for (const { plan, keeper } of everyPlan()) {
      const order = doings(plan.steps)
      const at = order.indexOf('switch')
      expect(order.filter((what) => what === 'switch')).to.have.length(1)
      expect(order.slice(0, at)).to.not.include.members(['restart'])
      expect(order.at(at - 1)).to.equal(order.includes('settings') ? 'settings' : 'link')
      expect(order.slice(at)).to.deep.equal(
        keeper === 'nobody' ? ['switch', 'prune'] : ['switch', 'restart', 'gate', 'prune'],
      )
      if (order.includes('export')) expect(order.indexOf('seal')).to.equal(order.indexOf('link') - 1)
    }
  })

  it('keeps the settings before anything else, wherever there are some', () => {
    for (const { plan } of everyPlan()) {
      const order = doings(plan.steps)
      if (order.includes('backup')) expect(order[0]).to.equal('backup')
    }
  })

  it('restarts the bot in any case on the way forward', () => {
    for (const { plan } of everyPlan())
      for (const step of plan.steps) if (step.do === 'restart') expect(step.unless).to.equal(null)
  })

  it('names the part of the repository that the home is in its pointer, and only then', () => {
    const plan = planFor(facts({ target: { ...TARGET, subfolder: 'bots/one/' } }))
    expect(plan.steps).to.deep.include({
      do: 'switch',
      to: { name: TARGET.name, commit: COMMIT, subfolder: 'bots/one/' },
    })
    expect(planFor(facts()).steps).to.deep.include({ do: 'switch', to: { name: TARGET.name, commit: COMMIT } })
  })
})

describe('the way back', () => {
  it('undoes nothing that had not begun, from wherever any plan was broken off', () => {
    for (const { plan, keeper } of everyPlan())
      for (let begun = 0; begun <= plan.steps.length; begun++) {
        const had = new Set(doings(plan.steps.slice(0, begun)))
        const back = doings(planBack(plan, progress(begun, { keeper })))
        const why = `${doings(plan.steps).join()} at ${begun}: ${back.join()}`
        if (!had.has('settings')) expect(back, why).to.not.include('settings')
        if (!had.has('switch')) for (const what of ['switch', 'restart', 'gate']) expect(back, why).to.not.include(what)
        if (!had.has('export')) expect(back, why).to.not.include('discard')
        for (const what of ['backup', 'export', 'install', 'check', 'seal', 'link', 'prune'])
          expect(back, why).to.not.include(what)
      }
  })

  it('undoes all that had begun, in this order: settings, switch, restart, gate, discard', () => {
    for (const { plan, keeper } of everyPlan())
      for (let begun = 0; begun <= plan.steps.length; begun++) {
        const had = new Set(doings(plan.steps.slice(0, begun)))
        const isKept = keeper !== 'nobody'
        // a later step begins only when the release has been sealed
        const isWhole = plan.steps.slice(0, Math.max(0, begun - 1)).some((step) => step.do === 'seal')
        expect(
          doings(planBack(plan, progress(begun, { keeper }))),
          `${doings(plan.steps).join()} at ${begun}`,
        ).to.deep.equal([
          ...(had.has('settings') ? ['settings'] : []),
          ...(had.has('switch') ? ['switch', ...(isKept ? ['restart', 'gate'] : [])] : []),
          ...(had.has('export') && !isWhole ? ['discard'] : []),
        ])
      }
  })

  it('leads to what was active before, and proves it as that', () => {
    for (const { plan, keeper } of everyPlan())
      for (const step of planBack(plan, progress(plan.steps.length, { keeper }))) {
        if (step.do === 'switch') expect(step.to).to.equal(plan.from)
        if (step.do === 'gate') expect(step.release).to.equal(plan.from?.name ?? null)
      }
  })

  it('puts the settings of before in force with all of their secrets, and none where none were kept', () => {
    const plan = planFor(facts({ what: 'rollback', settings: SETTINGS[1] }))
    const begun = plan.steps.length
    expect(planBack(plan, progress(begun))[0]).to.deep.equal({
      do: 'settings',
      backup: '20260301T120000000Z',
      secrets: 'of the backup',
    })
    expect(doings(planBack(plan, progress(begun, { backup: null })))).to.not.include('settings')
  })

  it('restarts no bot that is still the one of before, but each that may have read other settings', () => {
    const unless = (plan: Plan, begun: number) =>
      planBack(plan, progress(begun)).flatMap((step) => (step.do === 'restart' ? [step.unless] : []))
    const plain = planFor(facts())
    const withSettings = planFor(facts({ what: 'rollback', settings: SETTINGS[1] }))
    const until = (plan: Plan, what: Step['do']) => doings(plan.steps).indexOf(what) + 1
    expect(unless(plain, until(plain, 'switch'))).to.deep.equal(['the old one'])
    expect(unless(plain, until(plain, 'gate'))).to.deep.equal(['the old one'])
    expect(unless(withSettings, until(withSettings, 'switch'))).to.deep.equal(['the old one'])
    expect(unless(withSettings, until(withSettings, 'restart'))).to.deep.equal([null])
  })
})

describe('a version', () => {
  it('has proven itself only once what follows its proof of health has begun', () => {
    for (const { plan, keeper } of everyPlan()) {
      const last = doings(plan.steps).indexOf(keeper === 'nobody' ? 'switch' : 'gate')
      for (let begun = 0; begun <= plan.steps.length; begun++)
        expect(isBeyondReturn(plan, begun), `${doings(plan.steps).join()} at ${begun}`).to.equal(begun > last + 1)
    }
  })
})
