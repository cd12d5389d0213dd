import { expect } from 'chai'
import { isOwnNode } from '#core/platform/package.js'

describe('the node of a self-contained installation', () => {
  const table: [string, string, boolean][] = [
    ['/opt/catalyst/runtime/node', '/opt/catalyst/app/bin/run.js', true],
    ['C:\\catalyst\\runtime\\node.exe', 'C:\\catalyst\\app\\bin\\run.js', true],
    ['/usr/bin/node', '/opt/catalyst/app/bin/run.js', false],
    ['/opt/other/runtime/node', '/opt/catalyst/app/bin/run.js', false],
    ['/opt/catalyst/runtime/node', '/usr/lib/node_modules/catalyst-bot/bin/run.js', false],
    ['C:\\Program Files\\nodejs\\node.exe', 'C:\\catalyst\\app\\bin\\run.js', false],
  ]
  for (const [node, cli, expected] of table)
    it(`is ${expected ? '' : 'not '}${node} for ${cli}`, () => {
      expect(isOwnNode(node, cli)).to.equal(expected)
    })

  it('does not run the tests', () => {
    expect(isOwnNode()).to.equal(false)
  })
})
