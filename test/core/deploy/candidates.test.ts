import { expect } from 'chai'
import { candidatesOf, offeredFirst } from '#core/deploy/candidates.js'
import { lastChange } from '#core/deploy/info.js'
import type { Release } from '#core/deploy/releases.js'
import { runsOfReleases, verdictsOf } from '#core/deploy/verdicts.js'
import type { JournalEntry } from '#core/journal/journal.js'

const entry = (kind: string, details: Record<string, unknown>, time = '2026-03-01T12:00:00.000Z'): JournalEntry => ({
  time,
  kind,
  ...details,
})
const release = (tag: string | null, commit: string, made_at = 0): Release => ({
  name: `${tag ?? 'commit'}-${commit}`,
  commit,
  tag,
  subfolder: '',
  made_at,
  shared: [],
})
const tag = (name: string, commit: string, at: number) => ({ name, commit, at, subject: `about ${name}` })

describe('the versions that one can go back to', () => {
  const entries = [
    entry('bot.start', { pid: 1, release: 'v1-a' }),
    entry('bot.crash', { pid: 1, ran_seconds: 5 }),
    entry('bot.start', { pid: 2, release: 'v1-a' }),
    entry('bot.stop', { pid: 2, ran_seconds: 60 }),
    entry('verdict', { commit: 'a', verdict: 'good', reason: '' }),
    entry('verdict', { commit: 'c', verdict: 'good', reason: '' }),
    entry('verdict', { commit: 'd', verdict: 'bad', reason: 'it crashed' }),
  ]
  const facts = { verdicts: verdictsOf(entries), runs: runsOfReleases(entries) }

  it('come newest first, with what is known of each, and without the active one', () => {
    const releases = [release('v1', 'a'), release('v3', 'c', 30), release(null, 'e', 25)]
    const tags = [tag('v4', 'd', 40), tag('v3', 'c', 30), tag('v2', 'b', 20), tag('v1', 'a', 10)]
    const found = candidatesOf(tags, { ...facts, releases, active: 'c' })
    expect(
      found.map(({ tag, commit, verdict, isOnDisk, isLastGood }) => ({ tag, commit, verdict, isOnDisk, isLastGood })),
    ).to.deep.equal([
      { tag: 'v4', commit: 'd', verdict: 'bad', isOnDisk: false, isLastGood: false },
      { tag: null, commit: 'e', verdict: 'unknown', isOnDisk: true, isLastGood: false },
      { tag: 'v2', commit: 'b', verdict: 'unknown', isOnDisk: false, isLastGood: false },
      { tag: 'v1', commit: 'a', verdict: 'good', isOnDisk: true, isLastGood: true },
    ])
    expect(found[3]?.runs).to.deep.equal({ ranMs: 65_000, unexpectedEnds: 1 })
    expect(found[0]).to.include({ reason: 'it crashed', subject: 'about v4' })
  })

  it('a commit with two tags is one version', () => {
    const found = candidatesOf([tag('v2', 'a', 20), tag('v1', 'a', 10)], { ...facts, releases: [], active: undefined })
    expect(found.map((one) => one.tag)).to.deep.equal(['v2'])
  })

  it('a commit with two tags that is on disk has the tag that it was shipped by', () => {
    const tags = [tag('v2', 'a', 20), tag('v1', 'a', 10)]
    const [found] = candidatesOf(tags, { ...facts, releases: [release('v1', 'a', 5)], active: undefined })
    expect(found).to.include({ tag: 'v1', at: 10, subject: 'about v1' })
    const [gone] = candidatesOf(tags, { ...facts, releases: [release('v0', 'a', 5)], active: undefined })
    expect(gone).to.include({ tag: 'v2', at: 20 })
  })

  it('the one that is offered first is the last good one, else the newest that is not bad', () => {
    const tags = [tag('v4', 'd', 40), tag('v2', 'b', 20), tag('v1', 'a', 10)]
    const of = (releases: Release[], some = tags) =>
      offeredFirst(candidatesOf(some, { ...facts, releases, active: undefined }))?.tag
    expect(of([release('v1', 'a')])).to.equal('v1')
    expect(of([])).to.equal('v2')
    expect(of([], tags.slice(0, 1))).to.equal('v4')
    expect(of([], [])).to.equal(undefined)
  })
})

describe('since when a version is active', () => {
  const end = (active: string | null, time: string) => entry('deploy.end', { active }, time)

  it('is when it last became so, and what was before is remembered', () => {
    const entries = [end('v1', '1'), end('v2', '2'), end('v2', '3'), end('v1', '4'), end('v1', '5')]
    expect(lastChange(entries, 'v1')).to.deep.equal({ at: '4', before: 'v2' })
    expect(lastChange(entries.slice(0, 3), 'v2')).to.deep.equal({ at: '2', before: 'v1' })
  })

  it('is not the time at which another one failed', () => {
    const failed = entry('deploy.end', { active: 'v1', outcome: 'back' }, '1')
    expect(lastChange([failed], 'v1')).to.equal(undefined)
    expect(lastChange([failed, end('v2', '2')], 'v2')).to.deep.equal({ at: '2', before: 'v1' })
  })

  it('is not known where the pointer was changed by hand', () => {
    expect(lastChange([end('v1', '1')], 'v2')).to.equal(undefined)
    expect(lastChange([], null)).to.equal(undefined)
  })
})
