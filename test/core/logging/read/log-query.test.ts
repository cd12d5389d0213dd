import { assert } from 'chai'
import { levelNumber, pinoLevel } from '#core/logging/levels.js'
import { matches, parseLogLine, parseSince } from '#core/logging/read/log-query.js'

const NOW = Date.parse('2026-03-01T12:00:00.000Z')

describe('the filter of log lines', () => {
  for (const [text, ms] of [
    ['90s', 90_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['1.5h', 5_400_000],
    ['3 d', 259_200_000],
    [' 2H ', 7_200_000],
    ['0s', 0],
  ] as const)
    it(`--since ${text} is ${ms} ms ago`, () => assert.equal(parseSince(text, NOW), NOW - ms))

  for (const [text, expected] of [
    ['2026-02-28', Date.parse('2026-02-28T00:00')],
    ['2026-02-28T10:30', Date.parse('2026-02-28T10:30')],
    ['2026-02-28T10:30:00Z', Date.parse('2026-02-28T10:30:00Z')],
    ['yesterday', undefined],
    ['2w', undefined],
    ['-2h', undefined],
    ['', undefined],
  ] as const)
    it(`--since '${text}' is ${expected === undefined ? 'not understood' : 'that time'}`, () =>
      assert.equal(parseSince(text, NOW), expected))

  for (const [name, number] of [
    ['debug', 20],
    ['INFO', 30],
    ['warn', 40],
    ['WARNING', 40],
    ['error', 50],
    ['CRITICAL', 60],
    ['fatal', 60],
    ['loud', undefined],
    ['constructor', undefined],
  ] as const)
    it(`the level ${name} is ${number}`, () => assert.equal(levelNumber(name), number))

  it("knows pino's names", () =>
    assert.deepEqual(['WARNING', 'CRITICAL', 'Info'].map(pinoLevel), ['warn', 'fatal', 'info']))

  const before = { timeMs: 5, level: 50, text: 'x', message: 'x' }
  for (const [text, expected] of [
    ['{"level":"warn","time":"2026-03-01T12:00:00.000Z","msg":"a"}', { timeMs: NOW, level: 40, message: 'a' }],
    ['{"level":"odd","time":"2026-03-01T12:00:00.000Z","msg":"a"}', { timeMs: NOW, level: 30, message: 'a' }],
    ['{"level":"warn","time":"2026-03-', { timeMs: 5, level: 50, message: '{"level":"warn","time":"2026-03-' }],
    ['{"time":"some day","msg":"a"}', { timeMs: 5, level: 50, message: '{"time":"some day","msg":"a"}' }],
    ['null', { timeMs: 5, level: 50, message: 'null' }],
  ] as const)
    it(`reads ${text}`, () => assert.deepEqual(parseLogLine(text, before), { ...expected, text }))

  it('reads a line that is no JSON at the very beginning', () =>
    assert.deepEqual(parseLogLine('?', undefined), { timeMs: 0, level: 30, text: '?', message: '?' }))

  const line = parseLogLine(
    '{"level":"warn","time":"2026-03-01T12:00:00.000Z","user":"Ann","msg":"say \\"hi\\""}',
    undefined,
  )
  for (const [what, query, expected] of [
    ['its own level', { level: 40 }, true],
    ['a higher level', { level: 50 }, false],
    ['since then', { sinceMs: NOW }, true],
    ['since later', { sinceMs: NOW + 1 }, false],
    ['a word of the message as people read it', { grep: /say "hi"/ }, true],
    ['a field', { grep: /"user":"Ann"/ }, true],
    ['something else', { grep: /bye/ }, false],
  ] as const)
    it(`${expected ? 'matches' : 'does not match'} ${what}`, () =>
      assert.equal(matches(line, { level: 0, sinceMs: 0, grep: undefined, ...query }), expected))
})
