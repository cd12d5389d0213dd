import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { replaceFile } from '#core/platform/fs/replace-file.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

describe('a file that is replaced', () => {
  afterEach(removeTempFolders)

  it('is whole at every moment for who reads it', async () => {
    const path = join(tempFolder(), 'x')
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000))
    await replaceFile(path, texts[0] as string, 0o644)
    let isOver = false
    const read = async () => {
      while (!isOver) {
        expect(texts).to.include(readFileSync(path, 'utf8'))
        await new Promise(setImmediate)
      }
    }
    const reading = read()
    for (const text of texts) await replaceFile(path, text, 0o644)
    isOver = true
    await reading
  })

  it('has the mode that it is to have, also in the place of another one', async () => {
    if (process.platform === 'win32') return
    const path = join(tempFolder(), 'x')
    writeFileSync(path, 'old', { mode: 0o600 })
    await replaceFile(path, 'new', 0o644)
    expect((statSync(path).mode & 0o777).toString(8)).to.equal('644')
  })

  it('changes the mode of no other file that somebody has put in the place of the new one meanwhile', async () => {
    const { chmod } = fs
    fs.chmod = () => Promise.reject(new Error('by its name, which may lead elsewhere by now'))
    try {
      await replaceFile(join(tempFolder(), 'x'), 'new', 0o644)
    } finally {
      fs.chmod = chmod
    }
  })

  it('stays as it was, with nothing beside it, when it can not be replaced; the error names it', async () => {
    const folder = tempFolder()
    const error = await replaceFile(join(folder, 'none', 'x'), 'new', 0o644).catch((thrown) => thrown)
    expect(error).to.include({ code: 'ENOENT' })
    expect(readdirSync(folder)).to.deep.equal([])
  })
})
