import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { activeRelease } from '#core/home/active-release.js'
import { excludeFromGit } from '#core/home/git-exclude.js'
import { homePaths } from '#core/home/home-paths.js'
import { whyNotWritable } from '#core/platform/fs/permissions.js'
import { appendLine, OWNER_ONLY, writeAtomically } from '#core/platform/fs/write-files.js'
import { currentUser } from '#core/platform/process/users.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

describe('the files of a home', () => {
  afterEach(removeTempFolders)

  it('are replaced atomically, with the requested mode, and leave nothing beside them', () => {
    const folder = tempFolder()
    writeAtomically(join(folder, 'a'), 'one', OWNER_ONLY)
    writeAtomically(join(folder, 'a'), 'two', OWNER_ONLY)
    expect(readFileSync(join(folder, 'a'), 'utf8')).to.equal('two')
    expect(statSync(join(folder, 'a')).mode & 0o777).to.equal(0o600)
    mkdirSync(join(folder, 'b'))
    expect(() => writeAtomically(join(folder, 'b'), 'x')).to.throw()
    expect(readdirSync(folder)).to.deep.equal(['a', 'b'])
  })

  it('get a truncated line closed before the next one', () => {
    const path = join(tempFolder(), 'log')
    writeFileSync(path, 'whole\ncut')
    appendLine(path, 'next')
    expect(readFileSync(path, 'utf8')).to.equal('whole\ncut\nnext\n')
  })

  it('explain why a folder is not writable', () => {
    const folder = tempFolder()
    expect(whyNotWritable(join(folder, 'new'))).to.equal(undefined)
    expect(readdirSync(join(folder, 'new'))).to.deep.equal([])
    writeFileSync(join(folder, 'file'), '')
    expect(whyNotWritable(join(folder, 'file', 'x'))?.message).to.match(/ENOTDIR|EEXIST/)
  })

  it('name the active release only if it is complete, and never one outside', () => {
    const home = tempFolder()
    const paths = homePaths(home)
    const point = (pointer: unknown) => writeAtomically(paths.activeRelease, JSON.stringify(pointer))
    expect(activeRelease(paths)).to.equal(undefined)
    point({ name: 'v1-12345678', commit: 'abcd' })
    expect(activeRelease(paths), 'its folder is missing').to.equal(undefined)
    mkdirSync(join(paths.releases, 'v1-12345678', 'sub'), { recursive: true })
    expect(activeRelease(paths)).to.deep.equal({
      name: 'v1-12345678',
      commit: 'abcd',
      folder: join(paths.releases, 'v1-12345678'),
    })
    point({ name: 'v1-12345678', commit: 'abcd', subfolder: 'sub' })
    expect(activeRelease(paths)?.folder).to.equal(join(paths.releases, 'v1-12345678', 'sub'))
    for (const evil of [
      { name: '../..', commit: 'a' },
      { name: '..', commit: 'a' },
      { name: 'v1-12345678', commit: 'a', subfolder: '../x' },
      { commit: 'a' },
    ]) {
      point(evil)
      expect(activeRelease(paths), JSON.stringify(evil)).to.equal(undefined)
    }
  })

  it("are excluded from the owner's git by the repository's own exclude file, once, in a subfolder too", async () => {
    const top = tempFolder()
    const git = (...args: string[]) => execFileSync('git', args, { cwd: top, encoding: 'utf8' })
    git('init', '-q')
    const home = join(top, 'my bot')
    mkdirSync(join(home, '.catalyst'), { recursive: true })
    mkdirSync(join(home, 'data', 'logs'), { recursive: true })
    for (const file of ['.catalyst/x', 'data/logs/bot.jsonl', 'data/kept']) writeFileSync(join(home, file), 'x')
    await excludeFromGit(home, currentUser())
    const once = readFileSync(join(top, '.git', 'info', 'exclude'), 'utf8')
    await excludeFromGit(home, currentUser())
    expect(readFileSync(join(top, '.git', 'info', 'exclude'), 'utf8')).to.equal(once)
    expect(git('status', '--porcelain', '-uall').trim()).to.equal('?? "my bot/data/kept"')
  })

  it('are left alone outside a repository', async () => {
    const home = tempFolder()
    await excludeFromGit(home, currentUser())
    expect(readdirSync(home)).to.deep.equal([])
  })
})
