import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { BaseCommand } from '#cli/base-command.js'
import { codeOf } from '#core/errors.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'

let path = ''

class Refused extends BaseCommand {
  async run(): Promise<void> {
    const { flags } = await this.parse(Refused)
    this.paths(flags)
    throw Object.assign(new Error(`EACCES: permission denied, open '${path}'`), { code: 'EACCES', path })
  }
}

describe('a command whose home refuses a file', () => {
  if (process.platform === 'win32') return
  afterEach(removeTempFolders)

  it('suggests how to get into the home, and only for a file inside the home', async () => {
    const home = join(tempFolder(), 'bot')
    mkdirSync(home)
    const codeFor = async (refused: string) => {
      path = refused
      const refusal = Refused.run(['--home', home], import.meta.url)
      return refusal.then(() => undefined, codeOf)
    }
    expect(await codeFor(join(home, 'data'))).to.equal('NOT_ALLOWED')
    expect(await codeFor(home)).to.equal('NOT_ALLOWED')
    expect(await codeFor(`${home}-2/data`)).to.equal('EACCES')
  })
})
