import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { exportCommit } from '#core/deploy/git/export-commit.js'
import { messageOf } from '#core/errors.js'
import { currentUser } from '#core/platform/process/users.js'
import { contentOf, stateOfHome } from '../../../support/deploy/deploy.js'
import { TestRepository } from '../../../support/deploy/repository.js'
import { failureOf } from '../../../support/failure.js'
import { tempFolder } from '../../../support/temp.js'

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`
const isPosix = process.platform !== 'win32'

let exports = 0
/** Exports a commit; the answer is the folder that it lies in. */
async function exported(repository: string, commit = 'HEAD', out = tempFolder()): Promise<string> {
  const folder = join(out, `release-${++exports}`)
  await exportCommit(repository, commit, { owner: currentUser(), folder, mark: {}, index: join(out, '.index') })
  return folder
}
const read = (folder: string, name: string) => fs.readFileSync(join(folder, name), 'utf8')

describe('the exported files of a commit', () => {
  let repository: TestRepository
  beforeEach(() => {
    repository = new TestRepository(tempFolder())
  })

  it('are written whole, and nothing of the repository changes', async () => {
    repository.commit({ 'bot.mjs': '1', 'deep/er/x': '2', empty: '' })
    fs.chmodSync(join(repository.folder, 'bot.mjs'), 0o755)
    repository.commit({ 'bot.mjs': '1' })
    fs.symlinkSync('deep/er', join(repository.folder, 'link'))
    repository.git('add', 'link')
    repository.git('commit', '--quiet', '--message=link')
    fs.writeFileSync(join(repository.folder, 'untracked'), 'x')
    const before = stateOfHome(repository.folder)
    const own = contentOf(join(repository.folder, '.git'), [])
    const out = tempFolder()
    const folder = await exported(repository.folder, 'HEAD', out)
    const { untracked: _untracked, ...files } = contentOf(repository.folder)
    expect(contentOf(folder)).to.deep.equal(files)
    expect(stateOfHome(repository.folder)).to.deep.equal(before)
    expect(contentOf(join(repository.folder, '.git'), []), 'all that git itself keeps').to.deep.equal(own)
    expect(fs.readdirSync(out), 'no index is left').to.deep.equal([folder.slice(out.length + 1)])
  })

  if (isPosix)
    it('keep their names, whatever these are', async () => {
      const names = [
        'a b',
        '-f',
        '--help',
        '"q"',
        "it's",
        'line\nbreak',
        'tab\t',
        'größe',
        '日本',
        '$(x)',
        ':(glob)*',
        '*',
        '\\',
        ' ',
        'e\u0301',
      ]
      for (const name of names) fs.writeFileSync(join(repository.folder, name), name)
      repository.git('add', '--all')
      repository.git('commit', '--quiet', '--message=names')
      const folder = await exported(repository.folder)
      expect(fs.readdirSync(folder).sort()).to.deep.equal([...names].sort())
      for (const name of names) expect(read(folder, name)).to.equal(name)
    })

  it('are all there although the home has a sparse checkout', async () => {
    repository.commit({ 'bot.mjs': '1', 'docs/x': '2', 'lib/y': '3' })
    for (const words of [['--cone'], ['--no-cone']]) {
      repository.git('sparse-checkout', 'set', ...words, 'lib')
      const before = stateOfHome(repository.folder)
      expect(fs.existsSync(join(repository.folder, 'docs'))).to.equal(false)
      const folder = await exported(repository.folder)
      expect(Object.keys(contentOf(folder)).sort()).to.deep.equal(['bot.mjs', 'docs/x', 'lib/y'])
      expect(stateOfHome(repository.folder)).to.deep.equal(before)
    }
  })

  it('are all there although files of the home are said to be unchanged', async () => {
    repository.commit({ a: '1', b: '2' })
    repository.git('update-index', '--assume-unchanged', 'a')
    repository.git('update-index', '--skip-worktree', 'b')
    fs.rmSync(join(repository.folder, 'a'))
    expect(contentOf(await exported(repository.folder))).to.have.keys('a', 'b')
  })

  it('are all there from a clone that has only what was needed so far', async () => {
    repository.commit({ 'old.txt': 'old' })
    const old = repository.git('rev-parse', 'HEAD')
    repository.commit({ 'old.txt': 'new' })
    repository.git('config', 'uploadpack.allowFilter', 'true')
    repository.git('config', 'uploadpack.allowAnySHA1InWant', 'true')
    const clone = join(tempFolder(), 'clone')
    execFileSync('git', ['clone', '--quiet', '--filter=blob:none', `file://${repository.folder}`, clone], {
      stdio: 'ignore',
    })
    expect(read(await exported(clone, old), 'old.txt')).to.equal('old')
  })

  it('have nothing left out that only an archive would leave out, and nothing put in', async () => {
    repository.commit({
      '.gitattributes': 'docs export-ignore\nversion.txt export-subst\n',
      'docs/x': '1',
      'version.txt': '$Format:%H$\n',
    })
    const folder = await exported(repository.folder)
    expect(read(folder, 'docs/x')).to.equal('1')
    expect(read(folder, 'version.txt')).to.equal('$Format:%H$\n')
  })

  it('have the line ends that the commit asks for', async () => {
    repository.commit({ '.gitattributes': '*.bat text eol=crlf\n*.sh text eol=lf\n*.bin -text\n', 'x.sh': 'a\nb\n' })
    repository.commit({ 'x.bat': 'a\nb\n', 'x.bin': 'a\r\nb\n' })
    const folder = await exported(repository.folder)
    expect(read(folder, 'x.bat')).to.equal('a\r\nb\r\n')
    expect(read(folder, 'x.sh')).to.equal('a\nb\n')
    expect(read(folder, 'x.bin')).to.equal('a\r\nb\n')
  })

  it('follow the attributes of their own commit, not those of the home’s tree', async () => {
    repository.commit({ '.gitattributes': '*.bat text eol=crlf\n', 'x.bat': 'a\n' })
    const old = repository.git('rev-parse', 'HEAD')
    repository.commit({ '.gitattributes': '*.bat text eol=lf\n' })
    expect(read(await exported(repository.folder, old), 'x.bat')).to.equal('a\r\n')
    expect(read(await exported(repository.folder), 'x.bat')).to.equal('a\n')
  })

  if (isPosix)
    it('go through a filter that the owner has set up, as in their own tree, and fail with it where it is required', async () => {
      repository.commit({ '.gitattributes': '*.up filter=up\n', 'x.up': 'quiet\n' })
      expect(read(await exported(repository.folder), 'x.up'), 'without the filter it stays as it is').to.equal(
        'quiet\n',
      )
      repository.git('config', 'filter.up.smudge', 'tr a-z A-Z')
      expect(read(await exported(repository.folder), 'x.up')).to.equal('QUIET\n')
      repository.git('config', 'filter.up.smudge', 'false')
      repository.git('config', 'filter.up.required', 'true')
      const failed = exported(repository.folder).then(() => 'it did not fail', messageOf) // in git's own words
      expect(await failed).to.contain('x.up')
    })

  if (isPosix)
    it('run no program that the commit itself names', async () => {
      const trap = join(tempFolder(), 'trapped')
      repository.commit({
        '.gitattributes': '* filter=evil\n',
        '.gitconfig': `[filter "evil"]\n\tsmudge = touch ${trap}\n`,
        '.lfsconfig': '[lfs]\n\turl = http://127.0.0.1:9/\n',
        'bot.mjs': '1',
      })
      await exported(repository.folder)
      expect(fs.existsSync(trap)).to.equal(false)
    })

  for (const [what, attributes] of [
    ['as git-lfs tracks them', '*.bin filter=lfs diff=lfs merge=lfs -text\n'],
    ['called binary', '*.bin filter=lfs diff=lfs merge=lfs -text\n*.bin binary\n'],
    ['without attributes', ''],
  ])
    it(`are refused where git-lfs has left pointers in place of files, ${what}`, async () => {
      repository.commit({ '.gitattributes': attributes ?? '', 'models/a.bin': POINTER, readme: `about ${POINTER}` })
      const error = await failureOf(exported(repository.folder))
      expect(error).to.include({ code: 'RELEASE_INCOMPLETE', exit: 1 })
      expect(error.message).to.contain('models/a.bin would be git-lfs pointers')
      expect(error.message).to.not.contain('readme')
      expect(error.suggestions.join()).to.contain('git lfs install')
    })

  it('are refused for such pointers also beside the part that the home is', async () => {
    repository.commit({ 'bots/one/bot.mjs': '1', 'models/a.bin': POINTER })
    expect((await failureOf(exported(join(repository.folder, 'bots', 'one')))).message).to.contain('models/a.bin')
  })

  it('are named, but not all of them, where many are pointers', async () => {
    repository.commit(Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`a b${n}:x.bin`, POINTER])))
    expect((await failureOf(exported(repository.folder))).message).to.contain('a b3:x.bin and 2 more')
  })

  it('are those of a commit that the home has long left', async () => {
    const old = repository.commit({ a: '1', gone: 'x' })
    repository.git('rm', '--quiet', 'gone')
    repository.commit({ a: '2' })
    expect(Object.keys(contentOf(await exported(repository.folder, old)))).to.have.members(['a', 'gone'])
  })

  it('of a home with git’s newer index formats leave nothing beside the index of the home', async () => {
    repository.commit({ a: '1' })
    repository.git('config', 'core.splitIndex', 'true')
    repository.git('config', 'core.untrackedCache', 'true')
    repository.git('config', 'feature.manyFiles', 'true')
    repository.git('update-index', '--split-index')
    const before = fs.readdirSync(join(repository.folder, '.git')).sort()
    expect(read(await exported(repository.folder), 'a')).to.equal('1')
    expect(fs.readdirSync(join(repository.folder, '.git')).sort()).to.deep.equal(before)
    expect(repository.git('status', '--porcelain')).to.equal('')
  })

  if (isPosix)
    it('never go through a link that lies in the same commit or in the way', async () => {
      const outside = tempFolder()
      repository.commit({ 'dir/x': 'of the commit' })
      const out = tempFolder()
      const folder = join(out, `release-${exports + 1}`)
      fs.mkdirSync(folder)
      fs.symlinkSync(outside, join(folder, 'dir'))
      const made = await exported(repository.folder, 'HEAD', out)
      expect(fs.readdirSync(outside)).to.deep.equal([])
      expect(read(made, 'dir/x')).to.equal('of the commit')
    })
})

describe('a submodule', () => {
  /** A repository with `lib` as a submodule, and in that one `deep`. */
  function nested(): { top: TestRepository; lib: TestRepository; deep: TestRepository } {
    const [deep, lib, top] = [tempFolder(), tempFolder(), tempFolder()].map((folder) => new TestRepository(folder))
    if (deep === undefined || lib === undefined || top === undefined) throw new Error('there are three')
    deep.commit({ 'deep.txt': 'deep' })
    lib.commit({ 'lib.txt': 'lib' })
    const add = (to: TestRepository, from: TestRepository, path: string) => {
      to.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', from.folder, path)
      to.git('commit', '--quiet', `--message=${path}`)
    }
    add(lib, deep, 'parts/deep')
    top.commit({ 'bot.mjs': '1' })
    add(top, lib, 'lib')
    top.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'update', '--init', '--recursive')
    return { top, lib, deep }
  }

  it('is written with the commit, and so is one within it, while none of them changes', async () => {
    const { top } = nested()
    const before = [top.folder, join(top.folder, 'lib'), join(top.folder, 'lib/parts/deep')].map(stateOfHome)
    const folder = await exported(top.folder)
    expect(Object.keys(contentOf(folder)).sort()).to.deep.equal([
      '.gitmodules',
      'bot.mjs',
      'lib/.gitmodules',
      'lib/lib.txt',
      'lib/parts/deep/deep.txt',
    ])
    expect([top.folder, join(top.folder, 'lib'), join(top.folder, 'lib/parts/deep')].map(stateOfHome)).to.deep.equal(
      before,
    )
  })

  it('is that of the commit, not what the home has of it at the moment', async () => {
    const { top } = nested()
    const lib = join(top.folder, 'lib')
    execFileSync(
      'git',
      ['-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--allow-empty', '-m', 'x'],
      { cwd: lib },
    )
    fs.writeFileSync(join(lib, 'lib.txt'), 'dirty')
    expect(read(await exported(top.folder), 'lib/lib.txt')).to.equal('lib')
  })

  it('that was never brought is named, with what brings it', async () => {
    const { top } = nested()
    const clone = join(tempFolder(), 'clone')
    execFileSync('git', ['clone', '--quiet', top.folder, clone], { stdio: 'ignore' })
    const error = await failureOf(exported(clone))
    expect(error).to.include({ code: 'RELEASE_INCOMPLETE', exit: 1 })
    expect(error.message).to.contain('the submodule lib is not there')
    expect(error.suggestions.join()).to.contain('git submodule update --init --recursive')
    fs.rmSync(join(clone, 'lib'), { recursive: true })
    expect((await failureOf(exported(clone))).message).to.contain('the submodule lib is not there')
  })

  it('within one that was never brought is named, too', async () => {
    const { top } = nested()
    const clone = join(tempFolder(), 'clone')
    execFileSync('git', ['clone', '--quiet', top.folder, clone], { stdio: 'ignore' })
    execFileSync('git', ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'update', '--init'], {
      cwd: clone,
      stdio: 'ignore',
    })
    expect((await failureOf(exported(clone))).message).to.contain('the submodule parts/deep is not there')
  })

  it('whose commit is nowhere is named with that commit', async () => {
    const { top } = nested()
    const gone = '0123456789abcdef0123456789abcdef01234567'
    top.git('update-index', '--cacheinfo', `160000,${gone},lib`)
    top.git('commit', '--quiet', '--message=gone')
    const error = await failureOf(exported(top.folder))
    expect(error).to.include({ code: 'RELEASE_INCOMPLETE' })
    expect(error.message).to.contain('does not have commit 01234567')
  })

  it('with pointers of git-lfs is refused as well', async () => {
    const { top, lib } = nested()
    lib.commit({ 'a.bin': POINTER })
    const copy = join(top.folder, 'lib')
    execFileSync('git', ['pull', '--quiet', '--no-recurse-submodules', 'origin', 'main'], {
      cwd: copy,
      stdio: 'ignore',
    })
    top.git('commit', '--quiet', '--all', '--message=lib')
    expect((await failureOf(exported(top.folder))).message).to.contain('a.bin')
  })

  it('is found from a part of the repository, too', async () => {
    const { top } = nested()
    top.commit({ 'bots/one/bot.mjs': '1' })
    expect(read(await exported(join(top.folder, 'bots', 'one')), 'lib/lib.txt')).to.equal('lib')
  })

  it('that the home is in is exported as a repository of its own', async () => {
    const { top } = nested()
    const before = stateOfHome(top.folder)
    expect(read(await exported(join(top.folder, 'lib')), 'parts/deep/deep.txt')).to.equal('deep')
    expect(stateOfHome(top.folder)).to.deep.equal(before)
  })
})
