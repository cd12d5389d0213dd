import { expect } from 'chai'
import { keysOf } from '#cli/status/keys.js'

describe('the keys in what a terminal sends', () => {
  for (const [sent, keys] of [
    ['jk', ['j', 'k']],
    ['\u001b[A\u001b[B', ['up', 'down']],
    ['\u001bOA\u001bOF', ['up', 'end']],
    ['\r\u0003\u001a', ['enter', 'ctrl-c', 'ctrl-z']],
    ['\u001b', ['escape']],
    ['\u001bq', ['escape', 'q']],
    ['\u001b[5~\u001b[1;5Cq', ['q']],
    ['é世', ['é', '世']],
    ['', []],
  ] as const)
    it(`of ${JSON.stringify(sent)} are ${keys.join(', ') || 'none'}`, () => {
      expect(keysOf(sent)).to.deep.equal(keys)
    })
})
