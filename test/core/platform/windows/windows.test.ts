import { expect } from 'chai'
import { systemProgram } from '#core/platform/windows/windows.js'

describe('a program that comes with Windows', () => {
  it('is called by its full path, so that no other of its name is run', () => {
    expect(systemProgram('reg.exe', { SystemRoot: 'D:\\Win' })).to.equal('D:\\Win\\System32\\reg.exe')
    expect(systemProgram('reg.exe', {})).to.equal('C:\\Windows\\System32\\reg.exe')
  })
})
