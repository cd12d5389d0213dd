import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { ROOT } from '../support/e2e/root.js'

describe('docs/architecture.md', () => {
  const page = fs.readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8')

  it('names only files and folders that are there', () => {
    let folder = ''
    const named = [...page.matchAll(/`((?:core|src|bots)\/[\w/.-]+|[\w-]+\.ts)`/g)].map(([, name = '']) => {
      const path = name.includes('/') ? join('src', name.replace(/^src\//, '')) : join(folder, name)
      folder = dirname(path)
      return path
    })
    expect(named.length).to.be.above(20)
    expect(named.filter((path) => !fs.existsSync(join(ROOT, path)))).to.deep.equal([])
  })

  it('names the functions that decide', () => {
    const named = [...page.matchAll(/`([\w/.-]+\.ts)`: `(\w+)`/g)]
    expect(named.length).to.be.above(5)
    for (const [, path = '', name = ''] of named)
      expect(fs.readFileSync(join(ROOT, 'src', path), 'utf8'), path).to.match(
        new RegExp(`^export (async )?function ${name}\\b`, 'm'),
      )
  })

  it('says who decides about starts, stops, proofs, signs, safe moments, repairs and the gate', () => {
    const names = [...page.matchAll(/`: `(\w+)`/g)].map(([, name]) => name)
    expect(names).to.include.members(['startDelay', 'stopTarget', 'provenBy', 'signsOf', 'judgeNetwork'])
    expect(names).to.include.members(['waitStep', 'runtimeFault', 'proofBefore', 'gateStep', 'statusOf', 'step'])
  })

  it('fits one screen and a half', () => {
    expect(page.split('\n').length).to.be.at.most(80)
  })

  it('has decisions that are dated', () => {
    const names = fs.readdirSync(join(ROOT, 'docs/decisions'))
    expect(names.filter((name) => !/^20\d\d-\d\d-\d\d-[a-z-]+\.md$/.test(name))).to.deep.equal([])
    for (const name of names)
      expect(fs.readFileSync(join(ROOT, 'docs/decisions', name), 'utf8'), name).to.contain(`\n${name.slice(0, 10)} · `)
  })
})
