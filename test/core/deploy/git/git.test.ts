import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { fetchVersions } from '#core/deploy/git/fetch.js'
import { openGit } from '#core/deploy/git/git.js'
import { openRepository } from '#core/deploy/git/repository.js'
import { Releases } from '#core/deploy/releases/releases.js'
import { activeRelease, readPointer } from '#core/home/active-release.js'
import { homePaths } from '#core/home/home-paths.js'
import { linkShared } from '#core/home/shared-paths.js'
import { readJournal } from '#core/journal/journal.js'
import { currentUser } from '#core/platform/process/users.js'
import { aHome } from '../../../support/builders/home.js'
import { contentOf, deploy, rollBack, stateOfHome } from '../../../support/deploy/deploy.js'
import { TestRepository } from '../../../support/deploy/repository.js'
import { failureOf } from '../../../support/failure.js'
import { tempFolder } from '../../../support/temp.js'

const SENTINEL = 'what the bot has gathered\n'

/** A home with settings, data and a first commit. */
function newHome(files: Readonly<Record<string, string>> = {}): TestRepository {
  const repository = new TestRepository(tempFolder())
  repository.commit({ 'bot.mjs': 'export default () => {}\n', '.gitignore': '.env\ndata/\n', ...files }, 'first')
  fs.writeFileSync(join(repository.folder, '.env'), 'A=1\nAPI_KEY=secret-of-then\n')
  fs.mkdirSync(join(repository.folder, 'data'))
  fs.writeFileSync(join(repository.folder, 'data', 'sentinel'), SENTINEL)
  return repository
}
const sentinelOf = (folder: string) => fs.readFileSync(join(folder, 'data', 'sentinel'), 'utf8')
const activeOf = (folder: string) => activeRelease(homePaths(folder))?.folder ?? ''

describe('a deployment from git', () => {
  let home: TestRepository
  beforeEach(() => {
    home = newHome()
  })

  it('leaves dirty, staged, deleted and untracked files of the home byte for byte, and HEAD, branch and index', async () => {
    home.commit({ staged: '1', dirty: '1', deleted: '1', both: '1', kept: '1' }, 'second')
    home.git('tag', 'v1')
    fs.writeFileSync(join(home.folder, 'staged'), '2')
    fs.writeFileSync(join(home.folder, 'both'), '2')
    home.git('add', 'staged', 'both')
    fs.writeFileSync(join(home.folder, 'both'), '3')
    fs.writeFileSync(join(home.folder, 'dirty'), '2\r\n')
    fs.rmSync(join(home.folder, 'deleted'))
    fs.writeFileSync(join(home.folder, 'untracked'), 'x')
    fs.chmodSync(join(home.folder, 'kept'), 0o755)
    fs.mkdirSync(join(home.folder, 'node_modules'))
    fs.writeFileSync(join(home.folder, 'node_modules', 'x'), 'x')
    home.git('checkout', '--quiet', '-b', 'work')
    const before = stateOfHome(home.folder)
    await deploy(home.folder, 'v1')
    expect(stateOfHome(home.folder)).to.deep.equal(before)
    expect(fs.readFileSync(join(activeOf(home.folder), 'both'), 'utf8')).to.equal('1')
    expect(fs.existsSync(join(activeOf(home.folder), 'untracked'))).to.equal(false)
  })

  it('stays out of a merge and of a detached HEAD that the home is in', async () => {
    home.git('tag', 'v1')
    home.commit({ x: 'ours' })
    home.git('checkout', '--quiet', '--detach', 'v1')
    home.commit({ x: 'theirs' })
    try {
      home.git('merge', 'main')
    } catch {
      // the conflict is meant
    }
    const before = stateOfHome(home.folder)
    expect(before.status).to.contain('u AA')
    await deploy(home.folder, 'v1')
    expect(stateOfHome(home.folder)).to.deep.equal(before)
    expect(fs.existsSync(join(home.folder, '.git', 'MERGE_HEAD'))).to.equal(true)
  })

  it('does not stumble over somebody’s git that is at work in the home', async () => {
    home.git('tag', 'v1')
    fs.writeFileSync(join(home.folder, '.git', 'index.lock'), '')
    fs.writeFileSync(join(home.folder, '.git', 'HEAD.lock'), '')
    await deploy(home.folder, 'v1')
    expect(fs.existsSync(join(home.folder, '.git', 'index.lock'))).to.equal(true)
  })

  it('lets the owner’s own git go on: nothing of ours is to be added, cleaned away or stashed', async () => {
    home.git('tag', 'v1')
    await deploy(home.folder, 'v1')
    expect(home.git('status', '--porcelain')).to.equal('')
    home.git('add', '--all')
    home.git('commit', '--quiet', '--allow-empty', '--message=next')
    expect(home.git('ls-files')).to.not.contain('.catalyst')
    fs.writeFileSync(join(home.folder, 'bot.mjs'), 'changed')
    home.git('stash', '--all')
    home.git('stash', 'pop')
    expect(fs.readFileSync(join(home.folder, 'bot.mjs'), 'utf8')).to.equal('changed')
  })

  it('shows nothing of ours to the owner’s git, also where it is cancelled after its first step', async () => {
    home.git('tag', 'v1')
    const stop = new AbortController()
    const onStep = () => stop.abort()
    const error = await failureOf(deploy(home.folder, 'v1', false, { signal: stop.signal, onStep }))
    expect(error).to.include({ code: 'DEPLOY_CANCELLED' })
    expect(fs.readdirSync(homePaths(home.folder).backups), 'settings with secrets').to.have.length(1)
    expect(home.git('status', '--porcelain')).to.equal('')
  })

  for (const words of [
    ['clean', '-fdx'],
    ['stash', '--all'],
    ['checkout', '--force', 'main'],
    ['reset', '--hard'],
  ])
    it(`outlives git ${words.join(' ')} in the home`, async () => {
      home.git('tag', 'v1')
      const { release } = await deploy(home.folder, 'v1')
      home.commit({ 'bot.mjs': '2\n' })
      home.git('tag', 'v2')
      await deploy(home.folder, 'v2')
      const paths = homePaths(home.folder)
      const ours = contentOf(paths.own)
      try {
        home.git(...words)
      } catch {
        // git may refuse, but nothing is lost
      }
      expect(contentOf(paths.own)).to.deep.equal(ours)
      expect(new Releases(aHome({ folder: paths.home })).list()).to.have.length(2)
      expect(readJournal(paths.journal).damaged).to.equal(0)
      expect((await rollBack(home.folder, 'v1', 'current')).release).to.equal(release)
    })

  it('runs no hook of the home', async () => {
    home.git('tag', 'v1')
    const trap = join(tempFolder(), 'trapped')
    const hooks = [
      'post-checkout',
      'post-index-change',
      'reference-transaction',
      'post-merge',
      'pre-auto-gc',
      'fsmonitor-watchman',
      'sendemail-validate',
      'pre-push',
      'push-to-checkout',
    ]
    const own = join(home.folder, 'own-hooks')
    for (const folder of [join(home.folder, '.git', 'hooks'), own]) {
      fs.mkdirSync(folder, { recursive: true })
      for (const hook of hooks)
        fs.writeFileSync(join(folder, hook), `#!/bin/sh\necho "$0" >> "${trap}"\n`, { mode: 0o755 })
    }
    home.git('config', 'core.fsmonitor', `touch "${trap}"`)
    await deploy(home.folder, 'v1')
    home.git('config', 'core.hooksPath', own)
    await deploy(home.folder, 'v1', true)
    const remote = new TestRepository(tempFolder())
    remote.commit({ a: '1' })
    home.git('config', '--unset', 'core.fsmonitor')
    home.git('config', 'core.hooksPath', '/dev/null')
    home.git('remote', 'add', 'origin', remote.folder)
    home.git('config', 'core.hooksPath', own)
    await fetchVersions((await openRepository(aHome({ folder: home.folder }))).git)
    expect(fs.existsSync(trap), 'a hook has run').to.equal(false)
  })

  it('never lets a tool of the release change the git settings of the home, as husky does', async () => {
    home.commit({
      'prepare.mjs': [
        "import { execFileSync } from 'node:child_process'",
        "execFileSync('git', ['config', 'core.hooksPath', '.husky/_'])",
        "execFileSync('git', ['config', 'user.name', 'Mallory'])",
        "console.log(execFileSync('git', ['rev-parse', '--git-dir'], { encoding: 'utf8' }))",
      ].join('\n'),
    })
    home.git('tag', 'v1')
    fs.appendFileSync(join(home.folder, '.env'), 'DEPLOY_INSTALL_COMMAND=node prepare.mjs\n')
    const before = stateOfHome(home.folder)
    const lines: string[] = []
    await deploy(home.folder, 'v1', false, { onLine: (line) => lines.push(line) })
    expect(lines.join('\n')).to.contain(join('.catalyst', '.git'))
    expect(stateOfHome(home.folder)).to.deep.equal(before)
  })

  it('of a version that brings files where the home’s are to appear is refused, and says which and what to do', async () => {
    home.commit({ 'data/seed.json': '{}', 'data/deep/x': '1' })
    home.git('tag', 'v1')
    const before = stateOfHome(home.folder)
    const error = await failureOf(deploy(home.folder, 'v1'))
    expect(error).to.include({ code: 'TRACKED_SHARED', exit: 1 })
    expect(error.message).to.contain('data/deep/x, data/seed.json')
    expect(error.suggestions).to.deep.equal([
      'Take them out of git: git rm -r --cached data',
      'Or share less, in .env: DEPLOY_SHARED_PATHS=.env',
    ])
    expect(stateOfHome(home.folder)).to.deep.equal(before)
    expect(fs.existsSync(join(home.folder, '.catalyst', 'releases'))).to.equal(false)
    expect(sentinelOf(home.folder)).to.equal(SENTINEL)
  })

  it('names a useful way out where a link or a submodule lies above what is shared', async () => {
    fs.symlinkSync('elsewhere', join(home.folder, 'store'))
    home.git('add', 'store')
    home.git('commit', '--quiet', '--message=link')
    home.git('tag', 'v1')
    fs.appendFileSync(join(home.folder, '.env'), 'DEPLOY_SHARED_PATHS=.env,store/data\n')
    const error = await failureOf(deploy(home.folder, 'v1'))
    expect(error).to.include({ code: 'TRACKED_SHARED' })
    expect(error.suggestions).to.deep.equal([
      'Take them out of git: git rm -r --cached store',
      'Or share less, in .env: DEPLOY_SHARED_PATHS=.env',
    ])
  })

  it('never follows a link of the commit out of the release, not even for what is shared below it', async () => {
    const outside = tempFolder()
    fs.mkdirSync(join(outside, 'data'))
    fs.writeFileSync(join(outside, 'data', 'sentinel'), SENTINEL)
    fs.symlinkSync(outside, join(home.folder, 'store'))
    fs.symlinkSync('../../../../data', join(home.folder, 'up'))
    home.git('add', 'store', 'up')
    home.git('commit', '--quiet', '--message=links')
    home.git('tag', 'v1')
    const before = contentOf(outside)
    const { release } = await deploy(home.folder, 'v1')
    const folder = activeOf(home.folder)
    expect(fs.readlinkSync(join(folder, 'store'))).to.equal(outside)
    expect(() => linkShared(home.folder, folder, ['store/data'], 'replace')).to.throw('leads out of the release')
    expect(contentOf(outside)).to.deep.equal(before)
    new Releases(aHome({ folder: home.folder })).remove(release, {
      subfolder: '',
      shared: ['.env', 'data', 'store/data', 'up/x'],
    })
    expect(contentOf(outside)).to.deep.equal(before)
    expect(sentinelOf(home.folder)).to.equal(SENTINEL)
  })

  it('of a version whose part that the home is has become a link is refused', async () => {
    const folder = join(home.folder, 'bots', 'one')
    home.commit({ 'bots/one/bot.mjs': '1' })
    home.git('tag', 'v1')
    home.git('rm', '-r', '--quiet', 'bots')
    fs.symlinkSync(tempFolder(), join(home.folder, 'bots'))
    home.git('add', 'bots')
    home.git('commit', '--quiet', '--message=link')
    home.git('tag', 'v2')
    home.git('checkout', '--quiet', 'v1')
    await deploy(folder, 'v1')
    const pointer = readPointer(homePaths(folder))
    expect(await failureOf(deploy(folder, 'v2')))
      .to.have.property('code')
      .that.is.oneOf(['RELEASE_INCOMPLETE', 'TRACKED_SHARED'])
    expect(readPointer(homePaths(folder))).to.deep.equal(pointer)
  })

  it('of a part of a repository runs in that part, and takes the whole of it along', async () => {
    const folder = join(home.folder, 'bots', 'one')
    home.commit({ 'bots/one/bot.mjs': '1', 'lib/shared.mjs': 'x' })
    home.git('tag', 'v1')
    fs.mkdirSync(join(folder, 'data'))
    fs.writeFileSync(join(folder, 'data', 'sentinel'), SENTINEL)
    await deploy(folder, 'v1')
    expect(readPointer(homePaths(folder))?.subfolder).to.equal('bots/one/')
    expect(activeOf(folder)).to.match(/\.catalyst\/releases\/v1-[0-9a-f]{8}\/bots\/one\/?$/)
    expect(sentinelOf(activeOf(folder))).to.equal(SENTINEL)
    expect(fs.readFileSync(join(activeOf(folder), '..', '..', 'lib', 'shared.mjs'), 'utf8')).to.equal('x')
    expect(fs.existsSync(join(home.folder, '.catalyst'))).to.equal(false)
  })

  it('of a home that was moved still leads to its data, and repairs a broken link', async () => {
    home.git('tag', 'v1')
    await deploy(home.folder, 'v1')
    const moved = join(tempFolder(), 'moved home')
    fs.renameSync(home.folder, moved)
    expect(sentinelOf(activeOf(moved))).to.equal(SENTINEL)
    const link = join(activeOf(moved), 'data')
    fs.rmSync(link)
    fs.symlinkSync(join(home.folder, 'data'), link)
    linkShared(moved, activeOf(moved), ['.env', 'data'], 'refuse')
    expect(fs.realpathSync(link)).to.equal(fs.realpathSync(join(moved, 'data')))
    expect(fs.readFileSync(join(activeOf(moved), '.env'), 'utf8')).to.contain('A=1')
    await deploy(moved, 'v1', true)
    expect(sentinelOf(moved)).to.equal(SENTINEL)
  })

  it('of a home that is a linked work tree leaves both trees as they are', async () => {
    home.git('tag', 'v1')
    const second = join(tempFolder(), 'second')
    home.git('worktree', 'add', '--quiet', '-b', 'second', second)
    const before = [stateOfHome(home.folder), stateOfHome(second)]
    await deploy(second, 'v1')
    expect([stateOfHome(home.folder), stateOfHome(second)]).to.deep.equal(before)
    expect(fs.existsSync(join(activeOf(second), 'bot.mjs'))).to.equal(true)
  })

  it('of a shallow clone deploys what is there, and says what is not', async () => {
    const first = home.git('rev-parse', 'HEAD')
    home.commit({ 'bot.mjs': '2\n' })
    home.git('tag', 'v2')
    const clone = join(tempFolder(), 'clone')
    execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${home.folder}`, clone], { stdio: 'ignore' })
    const { release } = await deploy(clone, 'v2')
    expect(release).to.match(/^v2-/)
    expect(await failureOf(deploy(clone, first))).to.include({ code: 'VERSION_UNKNOWN' })
    expect(activeRelease(homePaths(clone))?.name).to.equal(release)
  })

  it('needs a repository with a commit, and changes nothing without', async () => {
    const none = tempFolder()
    expect(await failureOf(deploy(none, 'v1'))).to.include({ code: 'REPOSITORY_MISSING', exit: 1 })
    expect(fs.readdirSync(none)).to.deep.equal([])
    const empty = new TestRepository(tempFolder())
    expect(await failureOf(deploy(empty.folder, 'v1'))).to.include({ code: 'VERSION_UNKNOWN' })
    expect(fs.readdirSync(empty.folder)).to.deep.equal(['.git'])
  })

  it('refuses a tag that leads to a tree or to a file', async () => {
    home.git('tag', 'tree', 'HEAD^{tree}')
    home.git('tag', 'blob', 'HEAD:bot.mjs')
    home.git('tag', '--annotate', '--message=x', 'nested', 'tree')
    for (const tag of ['tree', 'blob', 'nested']) {
      const error = await failureOf(deploy(home.folder, tag))
      expect(error).to.include({ code: 'VERSION_UNKNOWN' })
      expect(error.message).to.contain('points at no commit')
    }
    for (const object of ['HEAD^{tree}', 'HEAD:bot.mjs'])
      expect(await failureOf(deploy(home.folder, home.git('rev-parse', object)))).to.include({
        code: 'VERSION_UNKNOWN',
      })
    expect(fs.existsSync(join(home.folder, '.catalyst'))).to.equal(false)
  })

  it('takes a tag for itself where a branch or a file is called the same', async () => {
    home.git('tag', 'v1')
    const commit = home.git('rev-parse', 'HEAD')
    home.commit({ v1: 'a file' })
    home.git('branch', 'v1')
    expect(await deploy(home.folder, 'v1')).to.include({ commit, tag: 'v1' })
  })

  for (const ref of [
    '--upload-pack=touch x',
    '--output=x',
    '-f',
    '../..',
    'v1..HEAD',
    'a b',
    '"x"',
    '$(touch x)',
    '`touch x`',
    ';touch x',
    'HEAD',
    '@',
    'main@{upstream}',
    ':/first',
    'v1^{tree}',
    'refs/tags/v1',
    'x'.repeat(255),
    'x'.repeat(100_000),
    'ｖ1',
    'v\u0661',
    'v1\u200B',
    '\u202Ev1',
    'v1\0',
    '',
  ])
    it(`is never one of ${JSON.stringify(ref.slice(0, 30))}, and does nothing for it`, async () => {
      home.git('tag', 'v1')
      const before = stateOfHome(home.folder)
      expect((await failureOf(deploy(home.folder, ref))).code).to.be.oneOf(['USAGE', 'VERSION_UNKNOWN'])
      expect(stateOfHome(home.folder)).to.deep.equal(before)
      expect(fs.existsSync(join(home.folder, '.catalyst'))).to.equal(false)
      expect(fs.existsSync(join(process.cwd(), 'x'))).to.equal(false)
    })

  it('makes a harmless folder of the oddest tag that git takes', async () => {
    for (const tag of ['f-', 'a"b', "a'b;$(touch)", 'größe/1', 'ｖ1', '%00', 'x'.repeat(200), 'con']) {
      home.commit({ n: tag })
      home.git('tag', tag)
      const { release } = await deploy(home.folder, tag)
      expect(release).to.match(/^\w[\w.+-]{0,79}$/)
      expect(fs.readFileSync(join(activeOf(home.folder), 'n'), 'utf8')).to.equal(tag)
    }
    expect(fs.existsSync(join(home.folder, 'x'))).to.equal(false)
  })

  it('is no obstacle to the next one where it was interrupted while it wrote, even with git killed', async () => {
    home.git('tag', 'v1')
    const name = `v1-${home.git('rev-parse', 'HEAD').slice(0, 8)}`
    const { releases } = homePaths(home.folder)
    fs.mkdirSync(join(releases, name, 'data'), { recursive: true })
    fs.writeFileSync(join(releases, name, 'stale'), 'x')
    fs.writeFileSync(join(releases, `.${name}.index`), 'half an index')
    fs.writeFileSync(join(releases, `.${name}.index.lock`), '')
    expect((await deploy(home.folder, 'v1')).release).to.equal(name)
    expect(fs.existsSync(join(activeOf(home.folder), 'stale'))).to.equal(false)
    expect(fs.readdirSync(releases).filter((file) => file.startsWith('.'))).to.deep.equal([])
  })

  it('is said to be cancelled, not to have failed, where that happens as it begins to write the files', async () => {
    home.git('tag', 'v1')
    const stop = new AbortController()
    const onStep = ({ step }: { step: string }) => {
      if (step === 'export') stop.abort()
    }
    const error = await failureOf(deploy(home.folder, 'v1', false, { signal: stop.signal, onStep }))
    expect(error).to.include({ code: 'DEPLOY_CANCELLED' })
    expect(new Releases(aHome({ folder: home.folder })).unfinished()).to.deep.equal([])
  })

  it('rolls back at once where it is cancelled while it writes the files, and leaves nothing of them', async () => {
    const marker = join(tempFolder(), 'writing')
    home.commit({ '.gitattributes': '*.slow filter=slow\n', 'a.slow': '1', 'z.txt': '2' })
    home.git('tag', 'v1')
    home.git('config', 'filter.slow.smudge', `touch '${marker}'; while [ -e '${marker}' ]; do sleep 0.1; done`)
    const stop = new AbortController()
    const watcher = setInterval(() => fs.existsSync(marker) && stop.abort(), 20)
    try {
      const began = Date.now()
      const error = await failureOf(deploy(home.folder, 'v1', false, { signal: stop.signal }))
      expect(error).to.include({ code: 'DEPLOY_CANCELLED' })
      expect(Date.now() - began).to.be.below(10_000)
    } finally {
      clearInterval(watcher)
    }
    const paths = homePaths(home.folder)
    expect(fs.readdirSync(paths.releases).filter((name) => !name.endsWith('.log'))).to.deep.equal([])
    expect(readPointer(paths)).to.equal(undefined)
  })

  it('leaves nothing of a version that fails while it is built, and what ran stays active', async () => {
    home.git('tag', 'v1')
    const { release } = await deploy(home.folder, 'v1')
    home.commit({ 'bot.mjs': '2' })
    home.git('tag', 'v2')
    fs.appendFileSync(join(home.folder, '.env'), 'DEPLOY_CHECK_COMMAND=node -e process.exit(3)\n')
    const before = stateOfHome(home.folder)
    const error = await failureOf(deploy(home.folder, 'v2'))
    expect(error).to.include({ code: 'DEPLOY_FAILED' })
    expect(error.message).to.contain('exit code 3')
    const paths = homePaths(home.folder)
    expect(activeRelease(paths)?.name).to.equal(release)
    expect(new Releases(aHome({ folder: paths.home })).list().map(({ name }) => name)).to.deep.equal([release])
    expect(new Releases(aHome({ folder: paths.home })).unfinished()).to.deep.equal([])
    expect(fs.existsSync(paths.deployment)).to.equal(false)
    expect(stateOfHome(home.folder)).to.deep.equal(before)
    expect(sentinelOf(home.folder)).to.equal(SENTINEL)
  })

  it('never takes the running release apart, even where its manifest is gone and it is forced anew', async () => {
    home.git('tag', 'v1')
    const { release } = await deploy(home.folder, 'v1')
    const paths = homePaths(home.folder)
    fs.rmSync(join(paths.releases, `${release}.json`))
    fs.appendFileSync(join(home.folder, '.env'), 'DEPLOY_CHECK_COMMAND=node -e process.exit(3)\n')
    await failureOf(deploy(home.folder, 'v1', true))
    expect(fs.existsSync(join(activeOf(home.folder), 'bot.mjs'))).to.equal(true)
  })

  it('links what the home shares only later, before the bot writes it where it would be lost', async () => {
    fs.rmSync(join(home.folder, 'data'), { recursive: true })
    home.git('tag', 'v1')
    await deploy(home.folder, 'v1')
    const work = activeOf(home.folder)
    fs.mkdirSync(join(home.folder, 'data', 'logs'), { recursive: true })
    linkShared(home.folder, work, ['.env', 'data'], 'refuse')
    fs.writeFileSync(join(work, 'data', 'sentinel'), SENTINEL)
    expect(sentinelOf(home.folder)).to.equal(SENTINEL)
  })
})

describe('a remote', () => {
  let home: TestRepository
  let remote: TestRepository
  beforeEach(() => {
    remote = newHome()
    remote.git('tag', 'v1')
    home = new TestRepository(tempFolder())
    home.git('remote', 'add', 'origin', remote.folder)
    home.git('pull', '--quiet', '--tags', 'origin', 'main')
  })
  const git = (silenceMs = 20_000) => openGit({ folder: home.folder, owner: currentUser(), silenceMs })

  it('is asked for commits and tags, and the home’s tree, index and branch stay', async () => {
    const commit = remote.commit({ 'bot.mjs': '2' })
    remote.git('tag', 'v2')
    fs.writeFileSync(join(home.folder, 'bot.mjs'), 'dirty')
    const { refs: _refs, ...before } = stateOfHome(home.folder)
    expect(await fetchVersions(await git())).to.equal('origin')
    const { refs, ...after } = stateOfHome(home.folder)
    expect(after).to.deep.equal(before)
    expect(refs).to.contain('refs/tags/v2')
    expect(fs.existsSync(join(home.folder, '.git', 'FETCH_HEAD.lock'))).to.equal(false)
    expect(await deploy(home.folder, 'v2')).to.include({ commit })
  })

  it('that took a tag or a branch away takes nothing away here', async () => {
    remote.git('tag', '--delete', 'v1')
    home.git('config', 'fetch.prune', 'true')
    home.git('config', 'fetch.pruneTags', 'true')
    await fetchVersions(await git())
    expect(home.git('tag')).to.equal('v1')
  })

  it('that has moved a tag moves none here, and is told apart from one that fails', async () => {
    const before = home.git('rev-parse', 'v1')
    remote.commit({ 'bot.mjs': '2' })
    remote.git('tag', '--force', 'v1')
    const error = await failureOf(fetchVersions(await git()))
    expect(error).to.include({ code: 'FETCH_FAILED' })
    expect(error.message).to.contain('a tag is never moved')
    expect(error.suggestions.join()).to.contain('git tag --delete')
    expect(home.git('rev-parse', 'v1')).to.equal(before)
  })

  it('that is gone is named, with what can be done', async () => {
    fs.rmSync(remote.folder, { recursive: true })
    const error = await failureOf(fetchVersions(await git()))
    expect(error).to.include({ code: 'FETCH_FAILED', exit: 1 })
    expect(error.message).to.contain('origin')
    expect(error.suggestions.join()).to.contain('--skip-fetch')
  })

  it('is not needed for what is here', async () => {
    home.git('remote', 'remove', 'origin')
    expect(await fetchVersions(await git())).to.equal(undefined)
  })

  it('called like an option is asked as a remote', async () => {
    const trap = join(tempFolder(), 'trapped')
    home.git('config', '--unset-all', 'remote.origin.url')
    home.git('config', '--remove-section', 'remote.origin')
    home.git('config', `remote.--upload-pack=touch ${trap}.url`, remote.folder)
    home.git('config', 'branch.main.remote', `--upload-pack=touch ${trap}`)
    await fetchVersions(await git())
    expect(fs.existsSync(trap)).to.equal(false)
  })

  it('whose address would run a program runs none', async () => {
    const trap = join(tempFolder(), 'trapped')
    home.git('remote', 'set-url', 'origin', `ext::sh -c "touch ${trap}"`)
    expect(await failureOf(fetchVersions(await git()))).to.include({ code: 'FETCH_FAILED' })
    expect(fs.existsSync(trap)).to.equal(false)
  })

  it('that says nothing is given up after the time for it, and nothing of git stays behind', async () => {
    const sockets: net.Socket[] = []
    const server = net.createServer((socket) => sockets.push(socket.on('error', () => {})))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      home.git('remote', 'set-url', 'origin', `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.git`)
      const began = Date.now()
      const error = await failureOf(fetchVersions(await git(500)))
      expect(error).to.include({ code: 'FETCH_FAILED' })
      expect(Date.now() - began).to.be.below(8000)
      const [socket] = sockets
      if (socket === undefined) throw new Error('it was never asked')
      if (!socket.closed) await once(socket.resume(), 'close', { signal: AbortSignal.timeout(8000) })
    } finally {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  })

  it('that is slow, but goes on sending, is not given up', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`big/${index}`, randomBytes(120).toString('base64')]),
    )
    remote.commit(files)
    const slow = join(tempFolder(), 'slow.mjs')
    fs.writeFileSync(
      slow,
      `#!${process.execPath}
import { spawn } from 'node:child_process'
const child = spawn('git', ['upload-pack', ...process.argv.slice(2)], { stdio: ['inherit', 'pipe', 'inherit'] })
for await (const chunk of child.stdout)
  for (let at = 0; at < chunk.length; at += 400) {
    process.stdout.write(chunk.subarray(at, at + 400))
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
`,
      { mode: 0o755 },
    )
    home.git('config', 'remote.origin.uploadpack', slow)
    const began = Date.now()
    await fetchVersions(await git(3000))
    expect(Date.now() - began, 'it was slow enough to matter').to.be.above(3000)
  })

  if (process.platform !== 'win32')
    it('is asked in the way that the home’s git is told to, as with a key of its own, and still without a prompt', async () => {
      const log = join(tempFolder(), 'asked')
      const ssh = join(tempFolder(), 'ssh')
      fs.writeFileSync(ssh, `#!/bin/sh\necho "$@" >> "${log}"\nexit 255\n`, { mode: 0o755 })
      home.git('config', 'core.sshCommand', `'${ssh}' -i key-of-the-home`)
      home.git('config', 'ssh.variant', 'ssh')
      home.git('remote', 'set-url', 'origin', 'ssh://git@host.invalid/x.git')
      expect(await failureOf(fetchVersions(await git()))).to.include({ code: 'FETCH_FAILED' })
      expect(fs.existsSync(log), 'the command of the home was asked').to.equal(true)
      expect(fs.readFileSync(log, 'utf8')).to.contain('-i key-of-the-home').and.to.contain('BatchMode=yes')
    })

  it('that asks for a password never makes anybody be asked', async () => {
    let asked = 0
    const server = http.createServer((_request, response) => {
      asked++
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const trap = join(tempFolder(), 'trapped')
    const askpass = join(tempFolder(), 'askpass')
    fs.writeFileSync(askpass, `#!/bin/sh\ntouch "${trap}"\necho x\n`, { mode: 0o755 })
    const before = { ...process.env }
    try {
      process.env.GIT_ASKPASS = askpass
      process.env.SSH_ASKPASS = askpass
      process.env.DISPLAY = ':0'
      home.git('config', 'core.askPass', askpass)
      home.git('remote', 'set-url', 'origin', `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.git`)
      const error = await failureOf(fetchVersions(await git()))
      expect(error).to.include({ code: 'FETCH_FAILED' })
      expect(error.suggestions.join()).to.contain('without a password')
      expect(asked).to.be.above(0)
      expect(fs.existsSync(trap), 'somebody would have been asked').to.equal(false)
    } finally {
      for (const name of ['GIT_ASKPASS', 'SSH_ASKPASS', 'DISPLAY']) {
        if (before[name] === undefined) delete process.env[name]
        else process.env[name] = before[name]
      }
      server.closeAllConnections()
      server.close()
    }
  })

  it('never has its password shown', async () => {
    home.git('remote', 'set-url', 'origin', 'http://ann:s3cret-of-hers@127.0.0.1:9/x.git')
    const error = await failureOf(fetchVersions(await git()))
    expect([error.message, ...error.suggestions].join()).to.not.contain('s3cret-of-hers')
  })
})

describe('git', () => {
  it('is asked about the home, whatever the environment says, as within a hook', async () => {
    const home = newHome()
    const other = newHome()
    other.commit({ other: 'x' })
    other.git('tag', 'v1')
    home.git('tag', 'v1')
    const before = { ...process.env }
    try {
      process.env.GIT_DIR = join(other.folder, '.git')
      process.env.GIT_WORK_TREE = other.folder
      process.env.GIT_INDEX_FILE = join(other.folder, '.git', 'index')
      process.env.GIT_CONFIG_PARAMETERS = "'core.hooksPath'='/tmp'"
      await deploy(home.folder, 'v1')
    } finally {
      for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_CONFIG_PARAMETERS']) {
        if (before[name] === undefined) delete process.env[name]
        else process.env[name] = before[name]
      }
    }
    expect(fs.existsSync(join(activeOf(home.folder), 'other'))).to.equal(false)
    expect(fs.existsSync(join(other.folder, '.catalyst'))).to.equal(false)
  })

  it('exits at once where it is cancelled', async () => {
    const home = newHome()
    const sockets: net.Socket[] = []
    const server = net.createServer((socket) => void sockets.push(socket.on('error', () => {})))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const stop = new AbortController()
    server.once('connection', () => stop.abort())
    try {
      home.git('remote', 'add', 'origin', `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.git`)
      const git = await openGit({ folder: home.folder, owner: currentUser(), signal: stop.signal })
      const began = Date.now()
      await failureOf(fetchVersions(git))
      expect(Date.now() - began).to.be.below(5000)
    } finally {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  })
})
