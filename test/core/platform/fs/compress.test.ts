import fs from 'node:fs'
import { join } from 'node:path'
import { assert } from 'chai'
import { compressFile } from '#core/platform/fs/compress.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'
import { textOf } from '../../logging/support.js'

describe('compressing a file', () => {
  let folder: string
  beforeEach(() => {
    folder = tempFolder()
  })
  afterEach(removeTempFolders)
  const path = (name = 'a') => join(folder, name)

  it('replaces it, even if a compressed one of that name is left', async () => {
    fs.writeFileSync(path(), 'text')
    fs.writeFileSync(path('a.gz'), 'of an earlier try')
    await compressFile(path(), 0o600)
    assert.deepEqual(fs.readdirSync(folder), ['a.gz'])
    assert.equal(textOf(path('a.gz')), 'text')
    if (process.platform !== 'win32') assert.equal(fs.statSync(path('a.gz')).mode & 0o777, 0o600)
  })

  it('leaves an empty one: rotation reserves a name like that, and moves the full file there a moment later', async () => {
    fs.writeFileSync(path(), '')
    await compressFile(path(), 0o600)
    assert.deepEqual(fs.readdirSync(folder), ['a'])
  })

  it('does nothing without a file', () => compressFile(path('none'), 0o600))

  it('leaves the file, and nothing else, when it fails', async () => {
    fs.writeFileSync(path(), 'text')
    fs.mkdirSync(path('a.gz'))
    let failure: unknown
    await compressFile(path(), 0o600).catch((error) => {
      failure = error
    })
    assert.instanceOf(failure, Error)
    assert.sameMembers(fs.readdirSync(folder), ['a', 'a.gz'])
  })
})
