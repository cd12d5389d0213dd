import fs from 'node:fs'
import { expect } from 'chai'
import { homePaths } from '#core/home/home-paths.js'
import { homeRedactor } from '#core/incidents/home-redactor.js'
import { tempFolder } from '../../support/temp.js'

describe('the secrets of a home', () => {
  it('are hidden also when they are set while the watchdog runs, and earlier ones stay hidden', () => {
    const paths = homePaths(tempFolder())
    const redact = homeRedactor(paths, { BOT_TOKEN: 'old-secret' })
    expect(redact('old-secret new-secret')).to.equal('[hidden] new-secret')
    fs.writeFileSync(paths.env, 'BOT_TOKEN=new-secret\n')
    expect(redact('old-secret new-secret')).to.equal('[hidden] [hidden]')
    fs.rmSync(paths.env)
    expect(redact('old-secret new-secret')).to.equal('[hidden] [hidden]')
  })
})
