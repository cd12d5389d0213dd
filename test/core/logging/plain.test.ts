import { assert } from 'chai'
import { plainLine } from '#core/logging/plain.js'

const time = '2026-03-01T12:00:00' // local

describe('a log line as people read it', () => {
  for (const [what, line, expected] of [
    ['time, level and message', { level: 'info', msg: 'hello' }, 'INFO  hello'],
    [
      'fields',
      { level: 'warn', msg: 'a', n: 1, path: '/x', empty: '', said: 'a "b"' },
      'WARN  a n=1 path=/x empty="" said="a \\"b\\""',
    ],
    ['an object', { msg: 'a', o: { b: [1] } }, 'INFO  a o={"b":[1]}'],
    [
      'an error with its stack',
      { level: 'error', msg: 'a', err: { message: 'm', stack: 'E: m\n    at x' } },
      'ERROR a\n    E: m\n        at x',
    ],
    ['an error without one', { msg: 'a', err: { message: 'm' } }, 'INFO  a\n    m'],
    ['an error that is a text', { msg: 'a', err: 'broken' }, 'INFO  a\n    "broken"'],
    ['no error', { msg: 'a', err: null }, 'INFO  a'],
    ['no message', { n: 1 }, 'INFO   n=1'],
    ['lines, set in so that none looks like one of the log', { msg: 'a\n2026 INFO b' }, 'INFO  a\n    2026 INFO b'],
    ['what would steer the terminal', { msg: '\u001b[2J\u009b1m\rx\ty' }, 'INFO  \\x1b[2J\\x9b1m\\x0dx\ty'],
  ] as const)
    it(`has ${what}`, () =>
      assert.equal(plainLine(JSON.stringify({ time, ...line }), false), `2026-03-01 12:00:00 ${expected}`))

  for (const text of ['no JSON', '{"cut', 'null', '5'])
    it(`leaves ${text} as it is`, () => assert.equal(plainLine(`${text}\n`, false), text))

  it('says - where there is no time', () => assert.equal(plainLine('{"msg":"a"}', false), '- INFO  a'))

  it('has colours, if wanted', () => {
    assert.include(plainLine('{"level":"error","msg":"a"}', true), '\u001b[31m')
    assert.notInclude(plainLine('{"level":"constructor","msg":"a"}', true), '\u001b')
  })
})
