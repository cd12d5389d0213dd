import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openJournal, readJournal, readRecent } from '#core/journal/journal.js'
import { FakeClock } from '../../support/fake-clock.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

describe('the journal', () => {
  afterEach(removeTempFolders)

  it('keeps one line for each event, and makes its folder', () => {
    const path = join(tempFolder(), 'deep', 'journal.jsonl')
    const journal = openJournal(new FakeClock(0), path, (line) => line)
    journal.append('bot.start', { pid: 1 })
    journal.append('bot.stop', { exit: 0 })
    expect(readJournal(path)).to.deep.equal({
      entries: [
        { time: '1970-01-01T00:00:00.000Z', kind: 'bot.start', pid: 1 },
        { time: '1970-01-01T00:00:00.000Z', kind: 'bot.stop', exit: 0 },
      ],
      damaged: 0,
    })
  })

  it('skips and counts a truncated line, which spoils no other', () => {
    const path = join(tempFolder(), 'journal.jsonl')
    const journal = openJournal(new FakeClock(0), path, (line) => line)
    journal.append('first')
    appendFileSync(path, '{"time":"1970-01-01T00:00:00.000Z","kind":"cut')
    journal.append('second')
    const { entries, damaged } = readJournal(path)
    expect(entries.map(({ kind }) => kind)).to.deep.equal(['first', 'second'])
    expect(damaged).to.equal(1)
  })

  it('is empty without a file, and skips lines that are no entry', () => {
    const folder = tempFolder()
    expect(readJournal(join(folder, 'none'))).to.deep.equal({ entries: [], damaged: 0 })
    writeFileSync(join(folder, 'odd'), '\n[]\nnull\n"x"\n{"time":1}\n')
    expect(readJournal(join(folder, 'odd'))).to.deep.equal({ entries: [], damaged: 4 })
  })

  it('has its end, and before that what tells of versions, also where it is large', () => {
    const path = join(tempFolder(), 'journal.jsonl')
    const entry = (kind: string, number: number) =>
      JSON.stringify({ time: new Date(number).toISOString(), kind, number })
    const kinds = ['deploy.end', 'rating', 'verdict', 'deploy.step', 'bot.start', 'deploy.left']
    const old = kinds.map((kind, number) => entry(kind, number))
    const many = Array.from({ length: 2000 }, (_, number) => entry('bot.exit', number))
    writeFileSync(path, [...old, ...many, ''].join('\n'))
    const found = readRecent(path).map(({ kind }) => kind)
    expect(found.filter((kind) => kind !== 'bot.exit')).to.deep.equal([
      'deploy.end',
      'rating',
      'verdict',
      'deploy.left',
    ])
    expect(found.slice(4).length).to.be.within(500, 1999)
    writeFileSync(path, old.join('\n'))
    expect(readRecent(path).map(({ kind }) => kind)).to.deep.equal(kinds)
  })

  it('writes nothing but redacted text', () => {
    const path = join(tempFolder(), 'journal.jsonl')
    openJournal(new FakeClock(), path, (line) => line.replaceAll('hush', '[hidden]')).append('bot.crash', {
      error: 'hush',
    })
    expect(readFileSync(path, 'utf8')).to.not.include('hush')
  })

  it("throws the disk's error", () => {
    const path = join(tempFolder(), 'journal.jsonl')
    mkdirSync(path)
    expect(() => openJournal(new FakeClock(), path, (line) => line).append('x')).to.throw('EISDIR')
  })
})
