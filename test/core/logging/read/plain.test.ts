import { assert } from 'chai'
import { coloredLine, plainLine, quotedLine } from '#core/logging/read/plain.js'

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
      assert.equal(plainLine(JSON.stringify({ time, ...line })), `2026-03-01 12:00:00 ${expected}`))

  for (const text of ['no JSON', '{"cut', 'null', '5'])
    it(`leaves ${text} as it is`, () => assert.equal(plainLine(`${text}\n`), text))

  it('shows - without a time', () => assert.equal(plainLine('{"msg":"a"}'), '- INFO  a'))

  for (const [what, level, msg, shown] of [
    ['level', 'error', 'ERROR no prices', 'ERROR no prices'],
    ['level by another name', 'warn', 'WARNING: slow', 'WARN  slow'],
    ['level and its name for whom', 'error', 'ERROR:mybot:no prices', 'ERROR mybot:no prices'],
    ['time and level', 'error', '2026-03-01 12:00:00,123 ERROR no prices', 'ERROR no prices'],
    ['level and time', 'info', 'INFO 2026/03/01 12:00:00 up', 'INFO  up'],
    ['both in brackets', 'info', '[2026-03-01 12:00:00] [INFO    ] discord.client: up', 'INFO  discord.client: up'],
    ['time, dash, level', 'info', '12:00:00 - INFO - up', 'INFO  up'],
    ['time in another zone', 'info', '2026-03-01T06:29:58.5+05:30 up', 'INFO  up'],
  ] as const)
    it(`shows a program's own ${what} once: ${msg}`, () => {
      assert.equal(plainLine(JSON.stringify({ level, time, msg })), `2026-03-01 12:00:00 ${shown}`)
    })

  for (const [what, level, msg] of [
    ['another level', 'info', 'ERROR is what it would be'],
    ['another time', 'info', '2026-03-01 12:07:00 was the last order'],
    ['a word that only begins like a level', 'error', 'ERRORS: 5'],
    ['a time within a word', 'info', '12:00:00x up'],
    ['nothing but a level', 'error', 'ERROR'],
    ['nothing but a time and a level', 'error', '12:00:00 ERROR'],
  ] as const)
    it(`leaves ${what} as it is: ${msg}`, () => {
      const line = plainLine(JSON.stringify({ level, time, msg }))
      assert.equal(line, `2026-03-01 12:00:00 ${level.toUpperCase().padEnd(5)} ${msg}`)
    })

  it('does not repeat what the message says', () => {
    const line = { time, msg: 'ALERT Acme wins a contract [2]', title: 'Acme wins a contract', score: 2, kind: 'ALERT' }
    assert.equal(
      plainLine(JSON.stringify(line)),
      '2026-03-01 12:00:00 INFO  ALERT Acme wins a contract [2] score=2 kind=ALERT',
    )
  })

  it('is quoted without the middle of a long stack', () => {
    const quoted = (frames: number) => {
      const stack = ['Error: a', ...Array.from({ length: frames }, (_, n) => `at ${n}`)].join('\n')
      return quotedLine(JSON.stringify({ level: 'error', msg: 'a', err: { stack } }))
        .split('\n')
        .slice(1)
    }
    assert.deepEqual(quoted(2), ['    Error: a', '    at 0', '    at 1'])
    const [first, ...rest] = quoted(90)
    assert.equal(first, '    Error: a')
    assert.deepEqual(rest.slice(3), ['    at 3', '    … 82 lines more', ...[86, 87, 88, 89].map((n) => `    at ${n}`)])
  })

  it('has the color of its level', () => {
    assert.equal(coloredLine('{"level":"error","msg":"a"}').color, 'red')
    assert.equal(coloredLine('{"level":"constructor","msg":"a"}').color, undefined)
  })
})
