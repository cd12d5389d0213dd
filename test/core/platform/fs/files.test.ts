import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { isGone } from '#core/platform/fs/files.js'
import { rewriteSecret } from '#core/platform/fs/write-files.js'
import { tempFolder } from '../../../support/temp.js'

describe('rewriting a file with secrets', () => {
  it('makes a new one readable by its owner alone, and keeps existing permissions', () => {
    const file = join(tempFolder(), '.env')
    const modeAfter = (text: string) => {
      rewriteSecret(file, text, '/nowhere', 'linux')
      return process.platform === 'win32' ? 'none' : (statSync(file).mode & 0o777).toString(8)
    }
    expect(modeAfter('one')).to.be.oneOf(['600', 'none'])
    chmodSync(file, 0o640)
    expect(modeAfter('two')).to.be.oneOf(['640', 'none'])
    expect(readFileSync(file, 'utf8')).to.equal('two')
    const umask = process.umask(0o077)
    try {
      expect(modeAfter('three'), 'whatever the umask').to.be.oneOf(['640', 'none'])
    } finally {
      process.umask(umask)
    }
  })

  it('makes it on Windows in the folder that nobody else can read, and keeps its access list', () => {
    const home = tempFolder()
    const [file, closed] = [join(home, '.env'), join(home, '.catalyst')]
    rewriteSecret(file, 'one', closed, 'win32')
    expect(readFileSync(file, 'utf8')).to.equal('one')
    expect(readdirSync(closed)).to.deep.equal([])
    writeFileSync(join(home, 'barred'), '')
    expect(() => rewriteSecret(file, 'two', join(home, 'barred'), 'win32')).to.throw()
    rewriteSecret(file, 'two', join(home, 'barred'), 'linux')
    expect(readdirSync(home).sort()).to.deep.equal(['.catalyst', '.env', 'barred'])
  })

  it('follows a link, perhaps to another disk', () => {
    const [home, shared] = [tempFolder(), tempFolder()]
    writeFileSync(join(shared, 'settings'), 'one')
    symlinkSync(join(shared, 'settings'), join(home, '.env'))
    rewriteSecret(join(home, '.env'), 'two', join(home, '.catalyst'), 'win32')
    expect(readFileSync(join(shared, 'settings'), 'utf8')).to.equal('two')
    expect(existsSync(join(home, '.catalyst'))).to.equal(false)
  })
})

describe('whether a file is gone', () => {
  it("is true only for one that certainly doesn't exist", () => {
    const folder = tempFolder()
    expect(isGone(join(folder, 'x'))).to.equal(true)
    expect(isGone(folder)).to.equal(false)
    expect(isGone('/\0'), 'what the system does not tell').to.equal(false)
  })
})
