import { expect } from 'chai'
import { installationFor } from '#core/deploy/releases/dependencies.js'

const commands = (paths: readonly string[], subfolder = '', platform: NodeJS.Platform = 'linux') =>
  installationFor(paths, subfolder, platform).commands.map((argv) => argv.join(' '))

describe('the installation of a release', () => {
  it('has no command where no file asks for one', () => {
    expect(installationFor(['bot.mjs', 'package.json'], '', 'linux')).to.deep.equal({
      commands: [],
      folder: '',
      unknown: [],
    })
  })

  it('is done by npm exactly as locked, and never without a lock', () => {
    for (const lock of ['package-lock.json', 'npm-shrinkwrap.json'])
      expect(commands(['bot.mjs', lock])).to.deep.equal(['npm ci'])
    expect(commands(['package-lock.json', 'npm-shrinkwrap.json']), 'once').to.deep.equal(['npm ci'])
    expect(commands(['docs/package-lock.json', 'my-package-lock.json'])).to.deep.equal([])
  })

  it('is done by pip into an environment of its own', () => {
    const pip = '.venv/bin/python -m pip install --disable-pip-version-check -r requirements.txt'
    expect(commands(['requirements.txt'])).to.deep.equal(['python3 -m venv .venv', pip])
    expect(commands(['requirements.txt'], '', 'win32')[0]).to.equal('python -m venv .venv')
    expect(commands(['package-lock.json', 'requirements.txt'])).to.have.length(3)
  })

  it('is not guessed where another tool is to do it, and names the file', () => {
    for (const lock of ['pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'poetry.lock', 'uv.lock', 'Pipfile.lock']) {
      expect(installationFor(['bot.mjs', lock], '').unknown).to.deep.equal([lock])
      expect(commands(['bot.mjs', lock])).to.deep.equal([])
    }
    expect(installationFor(['yarn.lock', 'package-lock.json'], '').unknown).to.deep.equal([])
  })

  it('runs in the home’s part of the repository, or for a workspace at its top', () => {
    const both = installationFor(['package-lock.json', 'bots/one/package-lock.json'], 'bots/one/')
    expect(both).to.deep.include({ commands: [['npm', 'ci']], folder: 'bots/one/' })
    const top = installationFor(['package-lock.json', 'bots/one/bot.mjs'], 'bots/one/')
    expect(top).to.deep.include({ commands: [['npm', 'ci']], folder: '' })
    const other = installationFor(['bots/two/package-lock.json'], 'bots/one/')
    expect(other).to.deep.include({ commands: [] })
  })
})
