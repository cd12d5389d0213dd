import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ROOT } from '../support/e2e/root.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'

const { removeStale } = await import(join(ROOT, 'scripts/build.js'))

describe('npm run build', () => {
  afterEach(removeTempFolders)

  it('leaves no bundle of an earlier build, which each package would hold', () => {
    const dist = tempFolder()
    const kept = ['bundled.json', 'catalyst.cjs', 'catalyst.cjs.cache', 'index.js', 'page', 'types']
    for (const name of kept.slice(-2)) fs.mkdirSync(join(dist, name))
    for (const name of [...kept.slice(0, -2), 'quick-gone.cjs', 'quick-gone.cjs.cache', 'gone.js'])
      fs.writeFileSync(join(dist, name), '')
    removeStale(dist, ['catalyst.cjs', 'index.js'])
    expect(fs.readdirSync(dist).sort()).to.deep.equal(kept)
  })
})
