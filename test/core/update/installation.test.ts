import { expect } from 'chai'
import { type Form, formOf, updateSteps } from '#core/update/installation.js'

describe('the form of an installation', () => {
  const folder = '/opt/catalyst'

  for (const form of ['tarball', 'zip', 'deb', 'wheel', 'image'] as const)
    it(`is ${form} where that is marked`, () => {
      expect(formOf({ marked: form, folder, isRepository: false })).to.equal(form)
    })

  it('is npm below node_modules, and a clone with a repository', () => {
    expect(formOf({ marked: undefined, folder: '/usr/lib/node_modules/catalyst-bot', isRepository: false })).to.equal(
      'npm',
    )
    const windows = 'C:\\Users\\ann\\AppData\\Roaming\\npm\\node_modules\\catalyst-bot'
    expect(formOf({ marked: undefined, folder: windows, isRepository: false })).to.equal('npm')
    expect(formOf({ marked: undefined, folder, isRepository: true })).to.equal('clone')
  })

  it('is unknown where nothing tells it, or what is marked is no form', () => {
    expect(formOf({ marked: undefined, folder, isRepository: false })).to.equal('unknown')
    expect(formOf({ marked: 'npm; rm -rf /', folder, isRepository: false })).to.equal('unknown')
    expect(formOf({ marked: ['deb'], folder, isRepository: false })).to.equal('unknown')
  })
})

describe('the steps of an update', () => {
  const commands = (form: Form, folder: string) => updateSteps(form, folder).flatMap(({ command }) => command ?? [])
  const first = (form: Form, folder: string) => commands(form, folder)[0]

  it('are those of the package manager in whose folder it lies', () => {
    const table: [Form, string, string][] = [
      ['npm', '/usr/lib/node_modules/catalyst-bot', 'npm install --global catalyst-bot@latest'],
      [
        'npm',
        '/home/ann/.local/share/pnpm/global/5/node_modules/catalyst-bot',
        'pnpm add --global catalyst-bot@latest',
      ],
      ['npm', '/home/ann/.bun/install/global/node_modules/catalyst-bot', 'bun add --global catalyst-bot@latest'],
      ['wheel', '/home/ann/.local/share/pipx/venvs/catalyst-bot/lib/catalyst', 'pipx upgrade catalyst-bot'],
      ['wheel', '/home/ann/.venv/lib/catalyst', 'python3 -m pip install --upgrade catalyst-bot'],
      ['tarball', '/opt/homebrew/Cellar/catalyst/0.1.0/libexec', 'brew upgrade catalyst'],
      ['zip', 'C:\\Users\\ann\\scoop\\apps\\catalyst\\current', 'scoop update catalyst'],
      ['zip', 'C:\\Users\\ann\\AppData\\Local\\Microsoft\\WinGet\\Packages\\x', 'winget upgrade CatalystBot.Catalyst'],
    ]
    for (const [form, folder, command] of table) expect(first(form, folder), folder).to.equal(command)
  })

  it('restart the services where the files stay in their place, and install them again where they do not', () => {
    for (const form of ['npm', 'clone', 'wheel', 'unknown'] as const)
      expect(commands(form, '/x').at(-1), form).to.equal('catalyst service upgrade')
    for (const form of ['tarball', 'zip'] as const)
      expect(commands(form, '/x').at(-1), form).to.equal('catalyst service install --home FOLDER')
  })

  it('quote the folder of a clone', () => {
    expect(first('clone', '/srv/my bot')).to.equal("git -C '/srv/my bot' pull --ff-only")
  })
})
