import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ROOT } from './support/e2e/root.js'

describe('the benchmarks', () => {
  it('name only sources that are there', () => {
    const bench = join(ROOT, 'bench')
    const texts = fs.readdirSync(bench).map((name) => fs.readFileSync(join(bench, name), 'utf8'))
    const named = texts.flatMap((text) => [...text.matchAll(/'\.(?:\.)?\/(src\/[^']+)'/g)].map(([, path = '']) => path))
    expect(named.length).to.be.above(2)
    expect(named.filter((path) => !fs.existsSync(join(ROOT, path)))).to.deep.equal([])
  })
})
