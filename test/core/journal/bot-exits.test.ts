import { mkdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { homePaths } from '#core/home/home-paths.js'
import { exitOf, isOwnFault, isUnexpectedExit } from '#core/journal/bot-exits.js'
import { JournalTail } from '#core/journal/journal-tail.js'
import { tempFolder } from '../../support/temp.js'

describe('unexpected exits', () => {
  const line = (kind: string, more: object = {}) =>
    `${JSON.stringify({ time: '2026-03-01T12:00:00.000Z', kind, ...more })}\n`

  it('are read from the journal from now on, even if it is made later', () => {
    const paths = homePaths(tempFolder())
    const ends = new JournalTail(paths.journal)
    expect(ends.read()).to.deep.equal([])
    mkdirSync(paths.state, { recursive: true })
    writeFileSync(paths.journal, line('bot.lost'))
    ends.read() // notices the file
    writeFileSync(
      paths.journal,
      line('bot.start') +
        line('bot.exit', { exit: 3 }) +
        'torn{' +
        line('bot.stop', { exit: 0 }) +
        line('bot.crash', { exit: 1 }),
      { flag: 'a' },
    )
    expect(ends.read().filter(isUnexpectedExit).map(exitOf)).to.deep.equal([3, 1])
    expect(ends.read()).to.deep.equal([])
    ends.close()
  })

  it("are not the bot's own fault where another runtime kept it from starting", () => {
    const crash = (more: object) => isOwnFault({ time: '', kind: 'bot.crash', exit: 1, ...more })
    expect(crash({})).to.equal(true)
    expect(crash({ code: 'BOT_NOT_FOUND' })).to.equal(true)
    expect(crash({ code: 'RUNTIME_CHANGED' })).to.equal(false)
  })
})
