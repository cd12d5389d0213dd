import { join } from 'node:path'
import { assert } from 'chai'
import { type Loop, loopClassifier, loopWatch } from '#core/logging/write/blocked-loop.js'
import { until } from '../../../support/e2e/until.js'
import { tempFolder } from '../../../support/temp.js'
import { linesOf, logTests } from '../support.js'

describe('the detection of a blocked event loop', () => {
  it('reports it well before it counts as a freeze, and after 5 s at the latest', () => {
    const cases: [number, number, number][] = [
      [300_000, 5000, 1000],
      [10_000, 5000, 1000],
      [4000, 2000, 500],
      [1000, 500, 125],
      [100, 50, 12.5],
    ]
    for (const [threshold, blockedMs, tickMs] of cases)
      assert.deepInclude(loopWatch(threshold), { blockedMs, tickMs }, String(threshold))
  })

  /** Looks at the pulse, each with its time; a tick is 1000 ms, and 5000 ms without a pulse are a block. */
  const cases: [string, [pulse: number, now: number, says: Loop][]][] = [
    [
      'not while it runs, however slowly',
      [
        [1, 0, 'runs'],
        [2, 1000, 'runs'],
        [2, 2000, 'runs'],
        [3, 6500, 'runs'],
        [3, 7500, 'runs'],
        [4, 12_000, 'runs'],
      ],
    ],
    [
      'once, and its end once',
      [
        [1, 0, 'runs'],
        [1, 1000, 'runs'],
        [1, 4000, 'runs'],
        [1, 4999, 'runs'],
        [1, 5000, 'blocked'],
        [1, 6000, 'still blocked'],
        [1, 8999, 'still blocked'],
        [2, 9999, 'runs again'],
        [3, 10_999, 'runs'],
      ],
    ],
    [
      'for each block anew',
      [
        [1, 0, 'runs'],
        [1, 2500, 'runs'],
        [1, 5000, 'blocked'],
        [2, 6000, 'runs again'],
        [2, 8500, 'runs'],
        [2, 11_000, 'blocked'],
        [3, 12_000, 'runs again'],
      ],
    ],
    [
      'not when the whole process stood still',
      [
        [1, 0, 'runs'],
        [1, 1000, 'runs'],
        [1, 60_000, 'runs'],
        [1, 61_000, 'runs'],
        [2, 62_000, 'runs'],
      ],
    ],
    [
      'after that, by the time since',
      [
        [1, 0, 'runs'],
        [1, 60_000, 'runs'],
        [1, 62_500, 'runs'],
        [1, 65_000, 'blocked'],
      ],
    ],
    [
      'no second time when the process stood still in the middle of a block',
      [
        [1, 0, 'runs'],
        [1, 2500, 'runs'],
        [1, 5000, 'blocked'],
        [1, 60_000, 'runs'],
        [1, 61_000, 'still blocked'],
        [1, 68_000, 'runs'],
        [2, 69_000, 'runs again'],
      ],
    ],
    [
      'at an end that comes late',
      [
        [1, 0, 'runs'],
        [1, 2500, 'runs'],
        [1, 5000, 'blocked'],
        [2, 60_000, 'runs again'],
        [3, 61_000, 'runs'],
      ],
    ],
  ]
  for (const [what, looks] of cases)
    it(what, () => {
      const judge = loopClassifier({ ...loopWatch(300_000), tickMs: 1000, blockedMs: 5000 })
      assert.deepEqual(
        looks.map(([pulse, now]) => judge(pulse, now)),
        looks.map(([, , says]) => says),
      )
    })
})

describe('a real blocked event loop', () => {
  const { child } = logTests()

  type Line = { level: string; msg: string; blocked?: string[] }

  /** Runs a child of that way; 500 ms without a turn of its loop are a block. */
  function blocking(way: string) {
    const folder = join(tempFolder(), 'logs')
    const { kill, ended } = child(way, folder, { FREEZE_MS: '1000' })
    const lines = (name?: string) => {
      try {
        return linesOf(folder, name) as unknown as Line[]
      } catch {
        return [] // not there yet, or a line is half written
      }
    }
    const told = (name?: string) => lines(name).filter(({ blocked }) => blocked !== undefined)
    /** Without what is told first where the place takes a second to be known, as it may on a busy machine. */
    const placed = (name?: string) => told(name).filter(({ msg }) => !msg.includes('in native code'))
    return { kill, ended, lines, told, placed }
  }

  for (const [way, name] of [
    ['loops for ever', 'endlessLoop'],
    ['matches a runaway pattern', 'runawayPattern'],
    ['asks for microtasks for ever', 'again'],
  ] as const) {
    it(`is told with its place where it ${way}`, async () => {
      const { kill, lines, placed } = blocking(way)
      const line = (await until(() => placed('errors.log')[0])) as Line
      kill()
      assert.equal(line.level, 'error')
      assert.equal(line.msg, `the event loop is blocked: ${line.blocked?.[0]}`)
      assert.match(line.blocked?.find((frame) => frame.startsWith(`${name} (`)) ?? '', /log-child\.ts:\d+:\d+\)$/)
      assert.equal(lines()[0]?.msg, 'at work')
      assert.lengthOf(placed(), 1)
    })
  }

  for (const [way, name] of [
    ['loops for a while', 'longLoop'],
    ['waits for a lock', 'waitsForLock'],
  ] as const) {
    it(`is told once, and so is its end, where it ${way}`, async () => {
      const { placed } = blocking(way)
      await until(() => placed().length === 2)
      const [line, end] = placed()
      assert.match(line?.blocked?.join() ?? '', new RegExp(`${name} \\(.*log-child\\.ts:\\d+:\\d+\\)`))
      assert.deepInclude(end, { level: 'info', blocked: [], msg: 'the event loop runs again' })
      assert.lengthOf(placed('errors.log'), 1)
    })
  }

  it('is reported while it waits for a program, and with its place when that is over', async () => {
    const { told } = blocking('waits for a program')
    const first = (await until(() => told()[0])) as Line
    assert.match(first.msg, /^the event loop is blocked: in native code/)
    await until(() => told().length === 3)
    const [, second, end] = told()
    assert.match(second?.blocked?.join() ?? '', /waitsForProgram \(.*log-child\.ts:\d+:\d+\)/)
    assert.deepEqual(end?.blocked, [])
  })

  const onPosix = process.platform === 'win32' ? () => {} : it

  onPosix('is none where the whole process stood still', async () => {
    const { ended, lines, told } = blocking('stands still for a while')
    assert.equal((await ended).code, 0)
    assert.equal(lines().at(-1)?.msg, 'goes on')
    assert.lengthOf(told(), 0)
  })
})
