import { expect } from 'chai'
import { parsePath, valueAt } from '#core/config/proof/json-path.js'

describe('a path in JSON', () => {
  const paths: [string, readonly (string | number)[] | undefined][] = [
    ['.time', ['time']],
    ['.bot.last_process_ts', ['bot', 'last_process_ts']],
    ['.queues[0].done', ['queues', 0, 'done']],
    ['[2]', [2]],
    ['[2][0].größe', [2, 0, 'größe']],
    ['.a-b.0', ['a-b', '0']],
    ['', undefined],
    ['.', undefined],
    ['time', undefined],
    ['..time', undefined],
    ['.a b', undefined],
    ['.a[', undefined],
    ['.a[x]', undefined],
    ['.a[-1]', undefined],
    ['.a[0]b', undefined],
    ['$.a', undefined],
  ]
  for (const [text, path] of paths)
    it(`${path === undefined ? 'is not' : 'is'} written ${text || 'empty'}`, () =>
      expect(parsePath(text)).to.deep.equal(path))

  const json = { a: { b: [{ c: 0 }, null], '0': 'zero' }, list: [1, 2] }
  const values: [string, unknown][] = [
    ['.a.b[0].c', 0],
    ['.a.b[1]', null],
    ['.a.0', 'zero'],
    ['.list[1]', 2],
    ['.list[2]', undefined],
    ['.list.1', undefined],
    ['.a[0]', undefined],
    ['.a.b[1].c', undefined],
    ['.list.length', undefined],
    ['.a.constructor', undefined],
    ['.a.__proto__', undefined],
  ]
  for (const [text, value] of values)
    it(`leads to ${JSON.stringify(value)}: ${text}`, () => expect(valueAt(json, parsePath(text) ?? [])).to.equal(value))

  it('leads to nothing in what is no object', () => {
    for (const other of [null, 1, 'a', undefined]) expect(valueAt(other, ['a'])).to.equal(undefined)
  })
})
