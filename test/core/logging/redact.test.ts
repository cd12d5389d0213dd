import { assert } from 'chai'
import { redactor } from '#core/logging/redact.js'

describe('the redaction of log lines', () => {
  const byKey = redactor([])

  for (const [what, line, hidden] of [
    ['a token', '{"token":"abc"}', '{"token":"[hidden]"}'],
    ['a key with a prefix', '{"bot_token":"abc"}', '{"bot_token":"[hidden]"}'],
    ['a key in capitals', '{"API_KEY":"abc"}', '{"API_KEY":"[hidden]"}'],
    [
      'a header',
      '{"x-api-key":"abc","Authorization":"Bearer abc"}',
      '{"x-api-key":"[hidden]","Authorization":"[hidden]"}',
    ],
    [
      'camel case',
      '{"accessToken":"abc","webhookUrl":"http://a"}',
      '{"accessToken":"[hidden]","webhookUrl":"[hidden]"}',
    ],
    ['any key', '{"SIGNING_KEY":"abc","privateKey":"x"}', '{"SIGNING_KEY":"[hidden]","privateKey":"[hidden]"}'],
    ['an escaped quote in the value', String.raw`{"password":"a\"b\\","n":1}`, '{"password":"[hidden]","n":1}'],
    ['a number', '{"password":1234,"n":1}', '{"password":"[hidden]","n":1}'],
    ['a list', String.raw`{"set-cookie":["a=\"]","b"],"n":[1]}`, '{"set-cookie":"[hidden]","n":[1]}'],
    ['an empty value', '{"secret":""}', '{"secret":"[hidden]"}'],
    ['a key deep inside', '{"err":{"config":{"secret":"abc"}}}', '{"err":{"config":{"secret":"[hidden]"}}}'],
    ['blanks around the colon', '{"token" : "abc"}', '{"token" : "[hidden]"}'],
    [
      "a program's own JSON as a message",
      JSON.stringify({ msg: '{"token":"a\\"b","n":1,"password":2}' }),
      JSON.stringify({ msg: '{"token":"[hidden]","n":1,"password":"[hidden]"}' }),
    ],
    [
      'no other keys',
      '{"monkey":"a","tokens":"b","cookies":"c","key":"d"}',
      '{"monkey":"a","tokens":"b","cookies":"c","key":"d"}',
    ],
    ['no mere words', '{"msg":"the token: \\"abc\\""}', '{"msg":"the token: \\"abc\\""}'],
  ] as const)
    it(`by key: ${what}`, () => assert.equal(byKey(line), hidden))

  for (const [what, forms, line, hidden] of [
    ['anywhere', ['s3cret'], '{"msg":"got s3cret from s3crets"}', '{"msg":"got [hidden] from [hidden]s"}'],
    ['as a key', ['s3cret'], '{"s3cret":1}', '{"[hidden]":1}'],
    ['with characters of regular expressions', ['a.c*(d|e)[$^\\'], 'abc a.c*(d|e)[$^\\ a.c', 'abc [hidden] a.c'],
    ['escaped in JSON', ['a"b\n'], JSON.stringify({ msg: 'x a"b\n x' }), '{"msg":"x [hidden] x"}'],
    [
      'escaped twice',
      ['a"b', 'a\\"b'],
      JSON.stringify({ msg: JSON.stringify({ n: 'a"b' }) }),
      '{"msg":"{\\"n\\":\\"[hidden]\\"}"}',
    ],
    ['the longer of two', ['abcd', 'abcdefgh'], 'abcdefgh abcd', '[hidden] [hidden]'],
    ['both of two that overlap', ['abcdef', 'defghi'], 'x abcdefghi x', 'x [hidden] x'],
    ['one that overlaps itself', ['abab'], 'x ababab x', 'x [hidden] x'],
    ['in a number, and JSON stays JSON', ['1234'], '{"ms":12345,"n":7}\n', '{"ms":"[hidden]5","n":7}\n'],
    ['in place of true', ['true'], '{"ok":true,"a":[true,null]}', '{"ok":"[hidden]","a":["[hidden]",null]}'],
    ['with a quote at its end', ['abc\\'], '{"msg":"abc\\"d"}', '{"msg":"abc\\"d"}'],
  ] as const)
    it(`by value: ${what}`, () => assert.equal(redactor(forms)(line), hidden))

  it('keeps text without secrets unchanged', () => {
    const line = '{"level":"info","msg":"💶 ok"}\n'
    assert.equal(redactor(['s3cret'])(line), line)
    assert.equal(redactor([''])(line), line)
  })

  for (const [what, text] of [
    ['word characters', `{"${'a_'.repeat(500_000)}":1}`],
    ['quotes', '"'.repeat(1_000_000)],
    ['keys', '"token":'.repeat(125_000)],
    ['beginnings of values', '"token":"'.repeat(111_000)],
    ['backslashes', `"token":"${'\\'.repeat(1_000_000)}`],
    ['nested beginnings', '\\"token\\":\\"\\\\'.repeat(71_000)],
    ['an open list', `"token":[${'"a",'.repeat(250_000)}`],
    ['lists that begin', '"token":["a",'.repeat(77_000)],
    ['a long secret', `{"token":"${'x'.repeat(1_000_000)}"}`],
    ['digits', `"token":${'1'.repeat(1_000_000)}`],
    ['known beginnings', 'aaaaaaab'.repeat(125_000)],
  ] as const)
    it(`takes linear time for a million characters: ${what}`, () => {
      const redact = redactor(['aaaaaaaac', 'aaaaaaaad'])
      const start = performance.now()
      redact(text)
      assert.isBelow(performance.now() - start, 10_000) // a quadratic one takes many minutes
    })

  it('hides a thousand secrets', () => {
    const secrets = Array.from({ length: 1000 }, (_, index) => `${(index * 7919).toString(36)}-s3cret-${index}`)
    const redact = redactor(secrets)
    assert.equal(redact(secrets.join(' ')), secrets.map(() => '[hidden]').join(' '))
  })
})
