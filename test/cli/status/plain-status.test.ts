import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { meansStatus } from '#cli/status/plain-status.js'
import { tempFolder } from '../../support/temp.js'

describe('a command line without a word', () => {
  const isSetting = (name: string) => name === 'BOT_COMMAND'
  const means = (cwd: string, words: string[] = [], named?: string) => meansStatus(words, { cwd, named }, isSetting)

  it('means status in a folder with state of ours, and below one with a setting of ours', () => {
    const [own, settings] = [tempFolder(), tempFolder()]
    mkdirSync(join(own, '.catalyst'))
    writeFileSync(join(settings, '.env'), 'OTHER=1\nBOT_COMMAND=x\n')
    mkdirSync(join(settings, 'below'))
    expect([means(own), means(settings), means(join(settings, 'below'))]).to.deep.equal([true, true, true])
  })

  it('means the help elsewhere, also beside a .env or a .git of others', () => {
    const [empty, others] = [tempFolder(), tempFolder()]
    writeFileSync(join(others, '.env'), 'OTHER=1\n')
    mkdirSync(join(others, '.git'))
    expect([means(empty), means(others)]).to.deep.equal([false, false])
  })

  it('means status where a home is named by the environment', () => {
    expect([means(tempFolder(), [], '/srv/bot'), means(tempFolder(), [], '')]).to.deep.equal([true, false])
  })

  it('is none with a word', () => {
    const own = tempFolder()
    mkdirSync(join(own, '.catalyst'))
    expect([means(own, ['--help']), means(own, ['logs'], '/srv/bot')]).to.deep.equal([false, false])
  })
})
