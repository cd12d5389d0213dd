import { expect } from 'chai'
import type { JournalEntry } from '#core/journal/journal.js'
import { Exits } from '#core/watchdog/exits.js'
import { anEntry } from '../../support/builders/journal-entry.js'

describe("the exits of a watchdog's bots", () => {
  it('are reported once each, by the first source', () => {
    const exits = new Exits()
    expect(exits.unexpectedIn([anEntry('bot.exit', { pid: 1, exit: 3 })])).to.deep.equal([
      { exit: 3, isFoundLater: false, release: undefined },
    ])
    expect(exits.isNewChildExit(1), 'its parent sees it end after that').to.equal(false)
    expect(exits.isNewChildExit(2), 'one that was killed can say nothing').to.equal(true)
    expect(
      exits.unexpectedIn([anEntry('bot.lost', { pid: 2 }), anEntry('bot.start', { pid: 3, release: 'v1' })]),
    ).to.deep.equal([])
    expect(exits.unexpectedIn([anEntry('bot.lost', { pid: 3 })])).to.deep.equal([
      { exit: null, isFoundLater: true, release: 'v1' },
    ])
    expect(
      exits.unexpectedIn([anEntry('bot.crash', { pid: 4, exit: 1 }), anEntry('bot.lost', { pid: 4 })]),
    ).to.have.length(1)
  })

  it('name the release that exited, where its start was seen', () => {
    const exits = new Exits()
    const releasesOf = (...entries: JournalEntry[]) => exits.unexpectedIn(entries).map(({ release }) => release)
    const start = (pid: number, release: string | null) => anEntry('bot.start', { pid, release })
    const crash = (pid: number) => anEntry('bot.crash', { pid, exit: 1 })
    expect(releasesOf(crash(1), start(2, 'v1'), crash(2), start(3, null), crash(3))).to.deep.equal([
      undefined,
      'v1',
      null,
    ])
    expect(releasesOf(start(2, 'v2'), crash(2)), 'the number is used again').to.deep.equal(['v2'])
    for (let pid = 100; pid < 200; pid++) exits.unexpectedIn([start(pid, 'v3')])
    expect([exits.releaseOf(2), exits.releaseOf(199)]).to.deep.equal([undefined, 'v3'])
  })

  it('are not reported where the bot was asked to stop', () => {
    const exits = new Exits()
    expect(exits.unexpectedIn([anEntry('bot.stop', { pid: 1, exit: 0 })])).to.deep.equal([])
    expect(exits.isNewChildExit(1)).to.equal(false)
  })

  it('come with the error that the bot printed last', () => {
    const exit = anEntry('bot.exit', { pid: 1, exit: 1, error: "KeyError: 'token'" })
    expect(new Exits().unexpectedIn([exit])).to.deep.equal([
      { exit: 1, isFoundLater: false, release: undefined, error: "KeyError: 'token'" },
    ])
  })

  it('are new when a pid is used again, and where there is no pid', () => {
    const exits = new Exits()
    expect(exits.isNewChildExit(1)).to.equal(true)
    expect(exits.unexpectedIn([anEntry('bot.start', { pid: 1 })])).to.deep.equal([])
    expect(exits.isNewChildExit(1)).to.equal(true)
    for (let start = 0; start < 2; start++) expect(exits.isNewChildExit(undefined)).to.equal(true)
    expect(exits.unexpectedIn([anEntry('bot.exit', { exit: 1 }), anEntry('bot.exit', { exit: 1 })])).to.have.length(2)
  })

  it('belong to a deployment that has ended since, and are remembered all the same', () => {
    const exits = new Exits()
    expect(exits.unexpectedIn([anEntry('bot.exit', { pid: 1, exit: 3 }), anEntry('deploy.end')])).to.deep.equal([])
    expect(exits.isNewChildExit(1)).to.equal(false)
  })
})
