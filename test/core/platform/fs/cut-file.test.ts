import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { cutFile } from '#core/platform/fs/cut-file.js'
import { tempFolder } from '../../../support/temp.js'

/** A log that a stream of ours appends to. */
function openLog(text = '') {
  const folder = tempFolder()
  const path = join(folder, 'log')
  const descriptor = fs.openSync(path, 'a')
  opened.push(descriptor)
  const append = (more: string) => fs.writeSync(descriptor, more)
  if (text !== '') append(text)
  const target = join(folder, 'moved')
  const read = (file: string) => fs.readFileSync(file, 'utf8')
  return {
    folder,
    path,
    descriptor,
    append,
    target,
    cut: (limit: number) => cutFile(descriptor, path, limit, () => target),
    log: () => read(path),
    moved: () => read(target),
  }
}

const opened: number[] = []

/** Numbered lines of ten bytes each. */
function numbered(count: number, from = 0): string {
  return Array.from({ length: count }, (_, index) => `line ${String(from + index).padStart(4, '0')}\n`).join('')
}

describe('cutting a file that a stream of ours appends to', () => {
  it('overwrites and removes nothing that has the name already', () => {
    const log = openLog(numbered(20))
    fs.writeFileSync(log.target, 'precious')
    expect(() => log.cut(100)).to.throw('EEXIST')
    expect([log.moved(), log.log()]).to.deep.equal(['precious', numbered(20)])
  })

  afterEach(() => {
    for (const descriptor of opened.splice(0)) fs.closeSync(descriptor)
  })

  it('moves all content away, and the stream continues in the emptied file', () => {
    const { cut, log, moved, append } = openLog(numbered(10))
    expect(cut(99)).to.equal(true)
    expect(moved(), 'the newest 99 bytes in whole lines').to.equal(numbered(9, 1))
    expect(log()).to.equal('')
    append('next\n')
    expect(log(), 'without a gap before it').to.equal('next\n')
  })

  it('leaves a file within its limit alone, and asks for no name', () => {
    const { descriptor, path, log } = openLog(numbered(10))
    const never = () => {
      throw new Error('no name is wanted')
    }
    expect(cutFile(descriptor, path, 100, never)).to.equal(false)
    expect(log()).to.equal(numbered(10))
  })

  const limits: [number, string][] = [
    [100, numbered(10, 10)], // from the begin of a line
    [101, numbered(10, 10)],
    [109, numbered(10, 10)],
    [99, numbered(9, 11)],
    [110, numbered(11, 9)],
    [10, numbered(1, 19)],
    [9, ''],
    [0, ''],
  ]
  for (const [limit, expected] of limits) {
    it(`keeps of 200 bytes the newest ${limit} in whole lines`, () => {
      const { cut, moved, log } = openLog(numbered(20))
      expect(cut(limit)).to.equal(true)
      expect(moved()).to.equal(expected)
      expect(log()).to.equal('')
    })
  }

  it('keeps an incomplete last line', () => {
    const { cut, moved } = openLog(`${numbered(10)}cut of`)
    expect(cut(20)).to.equal(true)
    expect(moved()).to.equal(`${numbered(1, 9)}cut of`)
  })

  it('keeps bytes as they are', () => {
    const { cut, descriptor, target } = openLog('old\n')
    const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x0d, 0x0a, 0xe9, 0x0a])
    fs.writeSync(descriptor, bytes)
    cut(bytes.length)
    expect(fs.readFileSync(target)).to.deep.equal(bytes)
  })

  it('keeps all content though it is more than fits into memory at once', () => {
    const line = `${'x'.repeat(99_999)}\n` // a line end in some chunks and none in others
    const { cut, moved } = openLog(`${'o'.repeat(600_000)}\n${line.repeat(12)}`)
    cut(line.length * 12 + 300_000)
    expect(moved()).to.equal(line.repeat(12))
  })

  it('keeps content that arrived after the limit was checked', () => {
    const { descriptor, path, append, target, moved } = openLog(numbered(10))
    const late = () => {
      append('at the last moment\n')
      return target
    }
    expect(cutFile(descriptor, path, 20, late)).to.equal(true)
    expect(moved()).to.equal(`${numbered(2, 8)}at the last moment\n`)
  })

  it('keeps what another process appends while the disk is slow', () => {
    const { cut, path, moved, log } = openLog(numbered(10))
    const { fsyncSync } = fs
    fs.fsyncSync = (descriptor) => {
      fsyncSync(descriptor)
      fs.appendFileSync(path, "a child's\n")
    }
    try {
      cut(20)
    } finally {
      fs.fsyncSync = fsyncSync
    }
    expect(moved()).to.equal(`${numbered(2, 8)}a child's\n`)
    expect(log()).to.equal('')
  })

  it('leaves another file of that name alone, and the stream too', () => {
    const { cut, log, path, folder, append } = openLog(numbered(10))
    fs.renameSync(path, join(folder, 'renamed'))
    fs.writeFileSync(path, numbered(20))
    expect(cut(10)).to.equal(false)
    expect(log()).to.equal(numbered(20))
    append('next\n')
    expect(fs.readFileSync(join(folder, 'renamed'), 'utf8')).to.equal(`${numbered(10)}next\n`)
  })

  it('does nothing if no file has that name', () => {
    const { cut, path, folder } = openLog(numbered(10))
    fs.rmSync(path)
    expect(cut(10)).to.equal(false)
    expect(cutFile(opened[0] as number, join(path, 'below'), 10, () => path)).to.equal(false)
    expect(fs.readdirSync(folder)).to.deep.equal([])
  })

  it('does nothing to a stream that is no file', () => {
    const { path, target, log } = openLog(numbered(10))
    const nothing = fs.openSync(process.platform === 'win32' ? '\\\\.\\nul' : '/dev/null', 'a')
    opened.push(nothing)
    expect(cutFile(nothing, path, 10, () => target)).to.equal(false)
    expect(log()).to.equal(numbered(10))
  })

  it("loses nothing if the content can't be moved", () => {
    const { descriptor, path, log, folder } = openLog(numbered(10))
    expect(() => cutFile(descriptor, path, 10, () => join(folder, 'nowhere', 'moved'))).to.throw('ENOENT')
    expect(log()).to.equal(numbered(10))
    expect(fs.readdirSync(folder)).to.deep.equal(['log'])
  })

  it('makes the moved file readable for owner and group alone', () => {
    if (process.platform === 'win32') return
    const { cut, target } = openLog(numbered(10))
    cut(10)
    expect(fs.statSync(target).mode & 0o027).to.equal(0)
  })
})
