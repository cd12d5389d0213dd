import fs, { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { expect } from 'chai'
import { openSeen, type SeenOptions } from '#bots/news/judge/seen.js'
import { withFolder } from '../support.js'

const DAY = 24 * 3_600_000

/** Opens a list in `folder`, at a time that the test turns by hand. */
function opener(folder: string | undefined) {
  const warnings: string[] = []
  const errors: Error[] = []
  const time = { now: Date.UTC(2026, 3, 21) }
  const open = (options: Partial<SeenOptions> = {}) =>
    openSeen({
      folder,
      write: true,
      now: () => time.now,
      warn: (message) => warnings.push(message),
      fail: (error) => errors.push(error),
      ...options,
    })
  return { open, warnings, errors, time }
}

describe('news: the seen list', () => {
  it('outlives a restart', () =>
    withFolder(async (folder) => {
      const { open, warnings, errors } = opener(join(folder, 'news'))
      const first = await open()
      first.add('a')
      first.add('__proto__')
      await first.save()
      const second = await open()
      expect(['a', '__proto__', 'b'].map((key) => second.has(key))).to.deep.equal([true, true, false])
      expect(await readdir(join(folder, 'news'))).to.deep.equal(['seen.json'])
      expect([...warnings, ...errors]).to.deep.equal([])
    }))

  it('forgets after seven days, unless the entry is still in its feed', () =>
    withFolder(async (folder) => {
      const { open, time } = opener(folder)
      const list = await open()
      list.add('gone')
      list.add('stays')
      time.now += 6 * DAY
      list.touch('stays')
      await list.save()
      time.now += DAY
      await list.save()
      expect([list.has('gone'), list.has('stays')]).to.deep.equal([true, true])
      time.now += 1
      await list.save()
      expect([list.has('gone'), list.has('stays')]).to.deep.equal([false, true])
      const reopened = await open()
      expect([reopened.has('gone'), reopened.has('stays')]).to.deep.equal([false, true])
    }))

  it('writes only when something changed', () =>
    withFolder(async (folder) => {
      const { open } = opener(folder)
      const list = await open()
      await list.save()
      expect(await readdir(folder)).to.deep.equal([])
      list.add('a')
      await list.save()
      await writeFile(join(folder, 'seen.json'), 'untouched')
      list.touch('a')
      await list.save()
      expect(await readFile(join(folder, 'seen.json'), 'utf8')).to.equal('untouched')
    }))

  it('holds 50,000 keys and drops the oldest', async () => {
    const { open, time } = opener(undefined)
    const list = await open()
    for (let index = 0; index <= 50_000; index++) list.add(String(index))
    expect([list.has('0'), list.has('1'), list.has('50000')]).to.deep.equal([false, true, true])
    time.now += 2 * DAY
    list.touch('1')
    list.add('50001')
    expect([list.has('1'), list.has('2')]).to.deep.equal([true, false])
  })

  for (const content of ['{"version":1,"se', '', 'null', '[]', '{"seen":[1]}', '{"seen":"x"}', '\0\0\0']) {
    it(`sets a corrupt file aside: ${JSON.stringify(content)}`, () =>
      withFolder(async (folder) => {
        const { open, warnings, errors } = opener(folder)
        await writeFile(join(folder, 'seen.json'), content)
        const list = await open()
        expect(warnings).to.have.length(1)
        expect(warnings[0]).to.include('seen.json.corrupt')
        expect(errors).to.deep.equal([])
        expect(await readFile(join(folder, 'seen.json.corrupt'), 'utf8')).to.equal(content)
        list.add('a')
        await list.save()
        expect((await open()).has('a')).to.equal(true)
      }))
  }

  it('does not trust times of a clock that ran ahead', () =>
    withFolder(async (folder) => {
      const { open, time } = opener(folder)
      const seen = { future: time.now + 400 * DAY, past: time.now - DAY, bad: 'x' }
      await writeFile(join(folder, 'seen.json'), JSON.stringify({ version: 1, seen }))
      const list = await open()
      expect(['future', 'past', 'bad'].map((key) => list.has(key))).to.deep.equal([true, true, false])
      time.now += 7 * DAY + 1
      await list.save()
      expect(list.has('future')).to.equal(false)
    }))

  it('reports a disk that takes nothing once, and goes on in memory', () =>
    withFolder(async (folder) => {
      // A file where the folder should be fails for every user, root included.
      await writeFile(join(folder, 'news'), '')
      const { open, errors } = opener(join(folder, 'news'))
      const list = await open()
      for (const key of ['a', 'b']) {
        list.add(key)
        await list.save()
      }
      expect(errors).to.have.length(1)
      expect(errors[0]?.message).to.match(/ENOTDIR/)
      expect([list.has('a'), list.has('b')]).to.deep.equal([true, true])
    }))

  it('leaves no temporary file behind when the last step fails', () =>
    withFolder(async (folder) => {
      const { open, errors } = opener(folder)
      const list = await open()
      await mkdir(join(folder, 'seen.json'))
      list.add('a')
      await list.save()
      expect(errors).to.have.length(1)
      expect(await readdir(folder)).to.deep.equal(['seen.json'])
    }))

  it('tries again when Windows holds the file for a moment', () =>
    withFolder(async (folder) => {
      const { open, errors } = opener(folder)
      const list = await open()
      list.add('a')
      const original = fs.rename
      let refusals = 0
      fs.rename = async (from, to) => {
        if (refusals++ < 2) throw Object.assign(new Error('held'), { code: refusals === 1 ? 'EPERM' : 'EBUSY' })
        return original(from, to)
      }
      syncBuiltinESMExports()
      try {
        await list.save()
      } finally {
        fs.rename = original
        syncBuiltinESMExports()
      }
      expect(refusals).to.equal(3)
      expect(errors).to.deep.equal([])
      expect((await open()).has('a')).to.equal(true)
    }))

  it('of a dry run reads the file and leaves it as it is', () =>
    withFolder(async (folder) => {
      const { open, warnings } = opener(folder)
      const real = await open()
      real.add('a')
      await real.save()
      const before = await readFile(join(folder, 'seen.json'), 'utf8')
      const dry = await open({ write: false })
      expect(dry.has('a')).to.equal(true)
      dry.add('b')
      await dry.save()
      expect(await readFile(join(folder, 'seen.json'), 'utf8')).to.equal(before)
      await writeFile(join(folder, 'seen.json'), 'broken')
      await open({ write: false })
      expect(warnings).to.have.length(1)
      expect(await readdir(folder)).to.deep.equal(['seen.json'])
    }))
})
