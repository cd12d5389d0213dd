import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { findLog } from '#core/deploy/releases/find-log.js'
import { aHome } from '../../../support/builders/home.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

const COMMITS = ['1a2b3c4d', '5e6f7a8b'].map((start) => start.repeat(5)) as [string, string]

describe('the log of a deployment', () => {
  afterEach(removeTempFolders)

  function deployed() {
    const home = aHome({ folder: tempFolder() })
    const begin = (tag: string | null, commit: string, release: string) =>
      home.journal.append('deploy.begin', { what: 'deployment', tag, commit, release })
    begin('v1', COMMITS[0], 'v1-1a2b3c4d')
    begin('v2', COMMITS[1], 'v2-5e6f7a8b')
    begin('v1', COMMITS[0], 'v1-1a2b3c4d-2')
    begin('v3', COMMITS[1], 'v3-5e6f7a8b')
    fs.mkdirSync(home.paths.releases, { recursive: true })
    for (const name of ['v1-1a2b3c4d', 'v1-1a2b3c4d-2', 'v2-5e6f7a8b', 'gone-00000000'])
      fs.writeFileSync(join(home.paths.releases, `${name}.log`), `$ npm ci\n${name} says so\n`)
    return home
  }

  for (const [asked, found] of [
    ['v1', 'v1-1a2b3c4d-2'],
    ['v2', 'v2-5e6f7a8b'],
    ['v1-1a2b3c4d', 'v1-1a2b3c4d'],
    ['1a2b3c4d', 'v1-1a2b3c4d-2'],
    [COMMITS[1], 'v2-5e6f7a8b'],
    ['gone-00000000', 'gone-00000000'],
    [undefined, 'v1-1a2b3c4d-2'],
  ] as const)
    it(`of ${asked ?? 'the last one that has one'} is that of ${found}`, () => {
      const { release, lines, path } = findLog(deployed(), asked)
      expect(release).to.equal(found)
      expect(lines).to.deep.equal(['$ npm ci', `${found} says so`])
      expect(path).to.match(new RegExp(`${found}\\.log$`))
    })

  for (const [asked, why] of [
    ['v3', 'There is no log of v3: nothing was installed or checked for it'],
    ['v4', 'There is no log of v4: no deployment of it is known.'],
    ['../../.env', 'no deployment of it is known'],
  ] as const)
    it(`of ${asked} is not there, and it says why`, () => {
      expect(() => findLog(deployed(), asked)).to.throw(why)
    })

  it('without any deployment says so', () => {
    expect(() => findLog(aHome({ folder: tempFolder() }), undefined)).to.throw('No deployment has installed')
  })
})
