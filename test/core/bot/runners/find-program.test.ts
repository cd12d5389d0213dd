import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { refusalOf, windowsRefusal } from '#core/bot/runners/find-program.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

const onPosix = process.platform === 'win32' ? () => {} : it

describe('whether a program is there', () => {
  afterEach(removeTempFolders)

  function write(folder: string, name: string, text = '#!/bin/sh\n', mode = 0o755): void {
    fs.mkdirSync(join(folder, 'bin'), { recursive: true })
    fs.writeFileSync(join(folder, name), text, { mode })
  }

  onPosix('is told as the system would: by path, or by its name in PATH', () => {
    const folder = tempFolder()
    write(folder, 'bot')
    write(folder, 'notes.txt', 'x', 0o644)
    write(folder, 'bin/tool')
    write(folder, 'bin/no-program', 'x', 0o644)
    write(folder, 'moved', '#!/nowhere/.venv/bin/python\n')
    const path = `/nonexistent:${join(folder, 'bin')}`
    for (const [program, code] of [
      ['./bot', undefined],
      [join(folder, 'bot'), undefined],
      ['./gone', 'ENOENT'],
      ['./notes.txt', 'EACCES'],
      ['./bin', 'EACCES'],
      ['./moved', 'ENOENT'],
      ['tool', undefined],
      ['bot', 'ENOENT'],
      ['surely-not-in-path', 'ENOENT'],
      ['no-program', 'EACCES'],
    ] as const)
      expect(refusalOf(program, { folder, path, platform: 'linux' }), program).to.equal(code)
    expect(refusalOf('tool', { folder, path: 'bin', platform: 'linux' }), 'a relative PATH').to.equal(undefined)
  })

  it('is told as Windows would: .com and .exe go without an ending, a script not at all', () => {
    const files = ['C:\\bot\\bot.exe', 'C:\\node\\npm.cmd', 'C:\\node\\node.exe', 'C:\\bot\\run.bat']
    const isFile = (file: string) => files.some((one) => one.toLowerCase() === file.toLowerCase())
    for (const [program, code] of [
      ['C:\\bot\\bot.exe', undefined],
      ['C:\\bot\\bot', undefined],
      ['bot', undefined],
      ['node', undefined],
      ['NODE.EXE', undefined],
      ['npm', 'EINVAL'],
      ['npm.cmd', 'EINVAL'],
      ['run.bat', 'EINVAL'],
      ['gone.cmd', 'ENOENT'],
      ['python', 'ENOENT'],
    ] as const)
      expect(windowsRefusal(program, { folder: 'C:\\bot', path: 'C:\\node;;D:\\x' }, isFile), program).to.equal(code)
  })
})
