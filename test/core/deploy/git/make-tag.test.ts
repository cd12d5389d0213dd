import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { makeTag } from '#core/deploy/git/make-tag.js'
import { listTags, resolveVersion } from '#core/deploy/git/refs.js'
import { openRepository } from '#core/deploy/git/repository.js'
import { aHome } from '../../../support/builders/home.js'
import { TestRepository } from '../../../support/deploy/repository.js'
import { failureOf } from '../../../support/failure.js'
import { tempFolder } from '../../../support/temp.js'

const ONCE = { message: undefined, push: false }
const open = (folder: string) => openRepository(aHome({ folder: folder }))

describe('a version tag', () => {
  let repository: TestRepository
  beforeEach(() => {
    repository = new TestRepository(tempFolder())
  })

  it('is made once, with a message, and the same again is no error', async () => {
    const commit = repository.commit({ a: '1' })
    const opened = await open(repository.folder)
    expect(await makeTag(opened, 'v1', { message: 'quiet "nights"; $(true)', push: false })).to.deep.equal({
      name: 'v1',
      commit,
      made: true,
      pushed: false,
    })
    expect(repository.git('cat-file', '-t', 'v1')).to.equal('tag')
    expect(await makeTag(opened, 'v1', ONCE)).to.include({ made: false })
    const [tag] = await listTags(opened.git, 10)
    expect(tag).to.include({ name: 'v1', commit, subject: 'quiet "nights"; $(true)' })
  })

  it('is never moved, nor made of what is not committed', async () => {
    const first = repository.commit({ a: '1' })
    const opened = await open(repository.folder)
    await makeTag(opened, 'v1', ONCE)
    repository.commit({ a: '2' })
    expect(await failureOf(makeTag(opened, 'v1', ONCE))).to.include({ code: 'TAG_TAKEN', exit: 1 })
    expect(repository.git('rev-parse', 'v1^{commit}')).to.equal(first)
    fs.writeFileSync(join(repository.folder, 'a'), '3')
    const dirty = await failureOf(makeTag(opened, 'v2', ONCE))
    expect(dirty).to.include({ code: 'TREE_DIRTY' })
    expect(dirty.message).to.contain(' a')
    expect(repository.git('tag')).to.equal('v1')
  })

  it('can be made beside files that git does not track', async () => {
    repository.commit({ a: '1' })
    fs.writeFileSync(join(repository.folder, 'notes'), 'x')
    expect(await makeTag(await open(repository.folder), 'v1', ONCE)).to.include({ made: true })
  })

  for (const name of [
    '-f',
    '--upload-pack=x',
    '..',
    'a..b',
    'a b',
    '"',
    'v1.lock',
    'HEAD',
    'FETCH_HEAD',
    '0123456789abcdef0123456789abcdef01234567',
    'v1.',
    'a/b',
    'ｖ1',
    'x'.repeat(101),
    '',
  ])
    it(`is never called ${JSON.stringify(name)}`, async () => {
      repository.commit({ a: '1' })
      expect(await failureOf(makeTag(await open(repository.folder), name, ONCE))).to.include({ code: 'USAGE', exit: 2 })
    })

  it('is pushed, to where the branch comes from', async () => {
    const remote = new TestRepository(tempFolder())
    remote.git('config', 'core.bare', 'true')
    repository.commit({ a: '1' })
    repository.git('remote', 'add', 'upstream', remote.folder)
    const made = await makeTag(await open(repository.folder), 'v1', { message: undefined, push: true })
    expect(made.pushed).to.equal(true)
    expect(remote.git('tag')).to.equal('v1')
  })

  it('stays here although it can not be pushed, and the same command again pushes it', async () => {
    repository.commit({ a: '1' })
    repository.git('remote', 'add', 'origin', join(repository.folder, 'gone'))
    const opened = await open(repository.folder)
    const error = await failureOf(makeTag(opened, 'v1', { message: undefined, push: true }))
    expect(error).to.include({ code: 'PUSH_FAILED' })
    expect(error.suggestions.join()).to.contain('catalyst deploy tag v1 --push')
    expect(repository.git('tag')).to.equal('v1')
    const remote = new TestRepository(tempFolder())
    repository.git('remote', 'set-url', 'origin', remote.folder)
    expect(await makeTag(opened, 'v1', { message: undefined, push: true })).to.include({ made: false, pushed: true })
    expect(remote.git('tag')).to.equal('v1')
  })

  it('is found by its name or its commit, and by nothing else', async () => {
    const commit = repository.commit({ a: '1' })
    repository.git('tag', 'plain')
    repository.git('tag', '--annotate', '--message=x', 'nested', 'plain')
    repository.git('tag', 'tree', 'HEAD^{tree}')
    repository.git('tag', 'größe/1')
    const { git } = await open(repository.folder)
    for (const tag of ['plain', 'nested', 'größe/1'])
      expect(await resolveVersion(git, tag)).to.deep.equal({ commit, tag })
    for (const hash of [commit, commit.slice(0, 8)])
      expect(await resolveVersion(git, hash)).to.deep.equal({ commit, tag: null })
    for (const ref of ['main', 'HEAD', 'tree', 'nope', '0123456789', 'x'.repeat(255)])
      expect(await failureOf(resolveVersion(git, ref)), ref).to.include({ code: 'VERSION_UNKNOWN' })
    for (const ref of ['main', 'HEAD'])
      expect(await failureOf(resolveVersion(git, ref)), ref).to.deep.include({
        message: `${ref} is neither a tag nor a commit's hash: what it means may change.`,
        suggestions: [`Name the commit that it means now: ${commit.slice(0, 8)}`],
      })
    for (const ref of [
      '-f',
      '--upload-pack=touch /tmp/x',
      'a..b',
      'main@{1}',
      ':/x',
      'a b',
      '',
      'a\nb',
      '\u202Ev1',
      'x'.repeat(256),
    ])
      expect(await failureOf(resolveVersion(git, ref)), ref).to.include({ code: 'USAGE' })
  })

  it('is not listed where it leads to no commit; the newest come first', async () => {
    for (const n of [1, 2, 3]) {
      repository.commit({ a: String(n) })
      process.env.GIT_COMMITTER_DATE = `2026-03-0${n}T12:00:00Z`
      repository.git('tag', '--annotate', `--message=number ${n}`, `v${n}`)
    }
    delete process.env.GIT_COMMITTER_DATE
    repository.git('tag', 'tree', 'HEAD^{tree}')
    const { git } = await open(repository.folder)
    expect((await listTags(git, 10)).map(({ name }) => name)).to.deep.equal(['v3', 'v2', 'v1'])
    expect(await listTags(git, 2)).to.have.length(2)
  })

  it('runs nothing that the repository brings along', async () => {
    repository.commit({ a: '1' })
    const trap = join(repository.folder, 'trapped')
    for (const hook of ['pre-push', 'reference-transaction', 'post-checkout', 'pre-commit']) {
      const path = join(repository.folder, '.git', 'hooks', hook)
      fs.mkdirSync(join(path, '..'), { recursive: true })
      fs.writeFileSync(path, `#!/bin/sh\ntouch "${trap}"\n`, { mode: 0o755 })
    }
    repository.git('config', 'core.fsmonitor', `touch "${trap}"`)
    const remote = new TestRepository(tempFolder())
    repository.git('remote', 'add', 'origin', remote.folder)
    await makeTag(await open(repository.folder), 'v1', { message: undefined, push: true })
    expect(fs.existsSync(trap)).to.equal(false)
  })

  it('needs a repository with a commit', async () => {
    expect(await failureOf(open(tempFolder()))).to.include({ code: 'REPOSITORY_MISSING' })
    const empty = await open(repository.folder)
    expect(await failureOf(makeTag(empty, 'v1', ONCE))).to.include({ code: 'TREE_DIRTY' })
    expect(await listTags(empty.git, 10)).to.deep.equal([])
  })

  it('belongs to the whole repository where the home is a part of it', async () => {
    const commit = repository.commit({ 'bots/one/bot.mjs': '1' })
    const { git, subfolder } = await open(join(repository.folder, 'bots', 'one'))
    expect(subfolder).to.equal('bots/one/')
    await makeTag({ git, subfolder }, 'v1', ONCE)
    expect(await resolveVersion(git, 'v1')).to.deep.equal({ commit, tag: 'v1' })
  })
})
