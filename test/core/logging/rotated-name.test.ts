import { assert } from 'chai'
import { rotatedName, rotatedTime, timeToRotate } from '#core/logging/rotated-name.js'

const NOON = Date.parse('2026-03-01T12:00:00.000Z')
const DAY_MS = 86_400_000

describe('names of rotated logs', () => {
  it('begin with the name of the log and contain the time', () => {
    const name = rotatedName('bot.jsonl', NOON + 7, 1)
    assert.equal(name, 'bot.jsonl.2026-03-01T12-00-00-007Z-001')
    assert.equal(rotatedTime('bot.jsonl', name), NOON + 7)
    assert.equal(rotatedTime('bot.jsonl', `${name}.gz`), NOON + 7)
  })

  it('sort by time', () => {
    const names = [0, 1, 999, 1000, DAY_MS, 400 * DAY_MS].map((later) => rotatedName('a', NOON + later, 1))
    assert.deepEqual([...names].sort(), names)
  })

  for (const file of [
    'bot.jsonl',
    'bot.jsonl.bak',
    'bot.jsonl.2026-03-01T12-00-00-007Z-001.tmp',
    'bot.jsonl.2026-13-01T12-00-00-007Z-001',
    '.bot.jsonl.2026-03-01T12-00-00-007Z-001.gz',
    'robot.jsonl.2026-03-01T12-00-00-007Z-001',
    'botxjsonl.2026-03-01T12-00-00-007Z-001',
    'bot.jsonl.old.2026-03-01T12-00-00-007Z-001',
  ])
    it(`are not those of ${file}`, () => assert.isUndefined(rotatedTime('bot.jsonl', file)))

  describe('are unique', () => {
    const taken = (...times: number[]) => times.map((time) => rotatedName('bot.jsonl', time, 1))
    for (const [when, files, expected] of [
      ['in an empty folder', [], NOON],
      ['after older ones', taken(NOON - 5), NOON],
      ['in the same millisecond', taken(NOON), NOON + 1],
      ['beside one that is compressed', [`${taken(NOON)[0]}.gz`], NOON + 1],
      ['several times in the same millisecond', taken(NOON, NOON + 1, NOON + 2), NOON + 3],
      ['when the clock was set back by an hour', taken(NOON + 3_600_000), NOON + 3_600_001],
      ['in any order of the names', taken(NOON + 50, NOON + 10, NOON + 90, NOON + 20), NOON + 91],
      ['when the clock had been wrong by a year', taken(NOON + 365 * DAY_MS), NOON],
      ['when only other logs were rotated', [rotatedName('errors.log', NOON, 1)], NOON],
    ] as const)
      it(when, () => assert.equal(timeToRotate('bot.jsonl', files, NOON), expected))
  })
})
