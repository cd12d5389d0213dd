import { expect } from 'chai'
import { npmOnWindows } from '#core/deploy/run/run-tool.js'

describe('npm on Windows', () => {
  const NODEJS = 'C:\\Program Files\\nodejs'
  const OWN = 'C:\\catalyst\\runtime'
  const files = [
    `${NODEJS}\\node.exe`,
    `${NODEJS}\\node_modules\\npm\\bin\\npm-cli.js`,
    `${NODEJS}\\node_modules\\npm\\bin\\npx-cli.js`,
    `${OWN}\\node.exe`,
  ]
  const started = (program: string, ...folders: string[]) =>
    npmOnWindows(program, folders.join(';'), (file) => files.includes(file))

  it('is run by the node beside it', () => {
    expect(started('npm', 'C:\\Windows', NODEJS)).to.deep.equal([files[0], files[1]])
    expect(started('NPX', NODEJS)).to.deep.equal([files[0], files[2]])
  })

  it('is run by the node that comes first, which will load what it builds', () => {
    expect(started('npm', OWN, NODEJS)).to.deep.equal([`${OWN}\\node.exe`, files[1]])
  })

  it('is not found where there is none, and other programs are started as they are', () => {
    expect(started('npm', OWN)).to.equal(undefined)
    expect(started('npm', '')).to.equal(undefined)
    expect(started('python', NODEJS)).to.equal(undefined)
  })
})
