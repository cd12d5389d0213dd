import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { fileProbe, judgeTime } from '#core/bot/proof/file.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

describe('BOT_PROOF_FILE', () => {
  afterEach(removeTempFolders)

  it('is proof when its time moves, in whichever direction', () => {
    expect(judgeTime(2, 1)).to.deep.equal({ is: 'proof' })
    expect(judgeTime(1, 2)).to.deep.equal({ is: 'proof' })
    expect(judgeTime(1, undefined), 'it was made').to.deep.equal({ is: 'proof' })
    expect(judgeTime(1, 1)).to.deep.equal({
      is: 'silence',
      why: 'BOT_PROOF_FILE has not been written',
      isUsual: true,
    })
    expect(judgeTime(undefined, 1)).to.deep.equal({ is: 'silence', why: 'there is no BOT_PROOF_FILE' })
  })

  it('of an earlier run proves nothing before it is written again', () => {
    const path = join(tempFolder(), 'heartbeat')
    fs.writeFileSync(path, 'x')
    const probe = fileProbe(path)
    expect(probe().is).to.equal('silence')
    fs.utimesSync(path, 1, 1)
    expect(probe().is).to.equal('proof')
    expect(probe().is).to.equal('silence')
    fs.rmSync(path)
    expect(probe()).to.include({ why: 'there is no BOT_PROOF_FILE' })
    fs.writeFileSync(path, 'x')
    expect(probe().is).to.equal('proof')
  })

  it('that can not be looked at is told, and throws nothing', () => {
    const path = join(tempFolder(), 'a'.repeat(300))
    expect(fileProbe(path)()).to.have.property('is', 'silence')
  })
})
