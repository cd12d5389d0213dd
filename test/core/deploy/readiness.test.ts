import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { homePaths } from '#core/home/home-paths.js'
import { openJournal } from '#core/journal/journal.js'
import { realClock } from '#core/platform/clock.js'
import { contentOf, deploy, rollBack } from '../../support/deploy/deploy.js'
import { TestRepository } from '../../support/deploy/repository.js'
import { failureOf } from '../../support/failure.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

describe('a deployment that can not succeed', () => {
  const { statfsSync } = fs
  const { writeSync } = fs

  afterEach(() => {
    fs.statfsSync = statfsSync
    fs.writeSync = writeSync
    removeTempFolders()
  })

  function newHome(files: Record<string, string> = {}) {
    const repository = new TestRepository(tempFolder())
    repository.commit({ '.gitignore': '.env\ndata/\n', 'bot.mjs': '', ...files })
    repository.git('tag', 'v1')
    fs.writeFileSync(join(repository.folder, '.env'), 'WORD=1\n')
    return { repository, folder: repository.folder, paths: homePaths(repository.folder) }
  }

  function free(bytes: number): void {
    const answer = { bavail: bytes, bsize: 1, blocks: bytes }
    fs.statfsSync = (() => answer) as unknown as typeof statfsSync
  }

  const kept = (folder: string) => contentOf(folder, ['.git', '.catalyst/state'])

  it('is refused before its first step where the disk has no room, says what to type, and changes nothing', async () => {
    const { folder, paths } = newHome()
    free(10_000_000)
    const error = await failureOf(deploy(folder, 'v1'))
    expect(error).to.include({ code: 'HOME_NOT_WRITABLE', exit: 1 })
    expect(error.message)
      .to.include(paths.own)
      .and.match(/needs about \d+ MB, and 10 MB are free/)
    expect(error.suggestions.join()).to.include('catalyst deploy prune')
    expect(Object.keys(kept(folder))).to.deep.equal(['.env', '.gitignore', 'bot.mjs'])
    expect(fs.existsSync(paths.deployment)).to.equal(false)
  })

  it('is refused where the disk has no room for a release as large as the active one', async () => {
    const { repository, folder } = newHome({ large: 'x'.repeat(3_000_000) })
    await deploy(folder, 'v1')
    repository.commit({ 'bot.mjs': '// 2' })
    repository.git('tag', 'v2')
    free(18_000_000)
    expect((await failureOf(deploy(folder, 'v2'))).message).to.match(/needs about 20 MB, and 18 MB are free/)
    free(21_000_000)
    expect(await deploy(folder, 'v2')).to.include({ outcome: 'unverified' })
    free(2_000_000)
    expect(await rollBack(folder, 'v1', 'current'), 'a rollback writes next to nothing').to.include({
      outcome: 'unverified',
    })
  })

  it('is refused before its first step where a folder is read-only, and names the folder', async () => {
    const { folder, paths } = newHome()
    fs.mkdirSync(paths.backups, { recursive: true })
    const { writeFileSync } = fs
    fs.writeFileSync = ((path: string, ...rest: [string]) => {
      if (String(path).startsWith(paths.backups)) throw Object.assign(new Error('EROFS: x'), { code: 'EROFS' })
      return writeFileSync(path, ...rest)
    }) as typeof writeFileSync
    const error = await failureOf(deploy(folder, 'v1')).finally(() => {
      fs.writeFileSync = writeFileSync
    })
    expect(error.message).to.include(paths.backups).and.include('read-only')
  })

  it('names what could not be written where the disk fills meanwhile, and how to make room', async () => {
    const { folder, paths } = newHome()
    const onStep = ({ step, state }: { step: string; state: string }) => {
      if (step !== 'link' || state !== 'done') return
      fs.writeSync = (() => {
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28 })
      }) as typeof writeSync
    }
    const error = await failureOf(deploy(folder, 'v1', false, { onStep }))
    expect(error.message)
      .to.include(`the disk that holds ${paths.own}`)
      .and.include('is full (ENOSPC): make room there')
    expect(error.message).to.not.include('no space left on device')
    expect(error.suggestions.join('\n')).to.include('df -h')
  })

  it('names the path in each of its lines', () => {
    const path = join(tempFolder(), 'journal.jsonl')
    fs.writeSync = (() => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    }) as typeof writeSync
    expect(() => openJournal(realClock, path, (text) => text).append('x'))
      .to.throw()
      .with.property('path', path)
  })
})
