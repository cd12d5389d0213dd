import { expect } from 'chai'
import { lastingPath, stabilityOf } from '#core/service/stable-path.js'

describe('the path of a program that a service runs', () => {
  const refused: [string, RegExp][] = [
    ['/home/ann/.npm/_npx/3b8f8ad0a1b2c3d4/node_modules/catalyst-bot/bin/run.js', /npx/],
    ['/Users/ann/.npm/_npx/3b8f/node_modules/catalyst-bot/bin/run.js', /npx/],
    ['C:\\Users\\ann\\AppData\\Local\\npm-cache\\_npx\\3b8f\\node_modules\\catalyst-bot\\bin\\run.js', /npx/],
    ['/home/ann/.cache/pnpm/dlx/abc/node_modules/catalyst-bot/bin/run.js', /dlx/],
    ['/home/ann/.cache/pnpm/dlx-1234/node_modules/catalyst-bot/bin/run.js', /dlx/],
    ['C:\\Users\\ann\\AppData\\Local\\pnpm-cache\\dlx\\abc\\bin\\run.js', /dlx/],
    ['/tmp/xfs-1a2b/dlx-4242/node_modules/catalyst-bot/bin/run.js', /dlx/],
    ['/tmp/bunx-1000-catalyst-bot@latest/node_modules/catalyst-bot/bin/run.js', /bunx/],
    ['C:\\Users\\ann\\AppData\\Local\\Temp\\bunx-42-catalyst\\bin\\run.js', /bunx/],
    ['/run/user/1000/fnm_multishells/4242_1732/bin/node', /fnm/],
    ['/Users/ann/.local/state/fnm_multishells/4242_1732/bin/node', /fnm/],
    ['C:\\Users\\ann\\AppData\\Local\\fnm_multishells\\4242_1732\\node.exe', /fnm/],
    ['/home/ann/.nvm/versions/node/v20.20.2/lib/node_modules/x/_npx/y/run.js', /npx/],
  ]
  for (const [path, why] of refused) {
    it(`is refused: ${path}`, () => {
      expect(stabilityOf(path)).to.have.property('refused').that.matches(why)
    })
  }

  const warned: [string, string][] = [
    ['/home/ann/.nvm/versions/node/v20.20.2/bin/node', 'nvm'],
    ['/usr/local/share/nvm/versions/node/v20.20.2/bin/node', 'nvm'],
    ['C:\\Users\\ann\\AppData\\Roaming\\nvm\\v20.20.2\\node.exe', 'nvm'],
    ['/home/ann/.local/share/fnm/node-versions/v20.20.2/installation/bin/node', 'fnm'],
    ['C:\\Users\\ann\\AppData\\Roaming\\fnm\\node-versions\\v20.20.2\\installation\\node.exe', 'fnm'],
    ['/home/ann/.volta/tools/image/node/20.20.2/bin/node', 'Volta'],
    ['C:\\Users\\ann\\AppData\\Local\\Volta\\tools\\image\\node\\20.20.2\\node.exe', 'Volta'],
    ['/home/ann/.asdf/installs/nodejs/20.20.2/bin/node', 'asdf'],
    ['/home/ann/.local/share/mise/installs/node/20.20.2/bin/node', 'mise'],
    ['C:\\ProgramData\\NVM\\v20.20.2\\node.exe', 'nvm'],
    ['/home/ann/.fnm/node-versions/v20.20.2/installation/bin/node', 'fnm'],
    ['C:\\Users\\ann\\.fnm\\node-versions\\v20.20.2\\installation\\node.exe', 'fnm'],
    ['C:\\Users\\ann\\scoop\\apps\\nodejs\\20.20.2\\node.exe', 'Scoop'],
    ['C:\\ProgramData\\scoop\\apps\\nodejs-lts\\20.20.2\\node.exe', 'Scoop'],
    ['C:\\Users\\ann\\AppData\\Local\\Microsoft\\WinGet\\Packages\\OpenJS.NodeJS_x\\node-v20\\node.exe', 'WinGet'],
    ['/home/ann/.proto/tools/node/20.20.2/bin/node', 'proto'],
    ['/home/ann/.local/share/rtx/installs/node/20.20.2/bin/node', 'mise'],
    ['/home/ann/.local/share/pnpm/nodejs/20.20.2/bin/node', 'pnpm'],
    ['C:\\Users\\ann\\AppData\\Local\\pnpm\\nodejs\\20.20.2\\node.exe', 'pnpm'],
    ['/home/ann/.nodenv/versions/20.20.2/bin/node', 'nodenv'],
    ['C:\\Users\\ann\\AppData\\Local\\nvs\\node\\20.20.2\\x64\\node.exe', 'nvs'],
  ]
  for (const [path, manager] of warned) {
    it(`is warned of: ${path}`, () => {
      expect(stabilityOf(path)).to.deep.equal({ warning: manager })
    })
  }

  for (const path of [
    '/usr/bin/node',
    '/usr/local/bin/node',
    '/usr/local/lib/node_modules/catalyst-bot/bin/run.js',
    '/opt/homebrew/bin/node',
    '/snap/bin/node',
    'C:\\Program Files\\nodejs\\node.exe',
    'C:\\Users\\ann\\AppData\\Roaming\\npm\\node_modules\\catalyst-bot\\bin\\run.js',
    '/srv/bots/nvm-bot/bin/run.js',
    '/srv/npx/bin/run.js',
    '/srv/my-dlx/bin/run.js',
    'C:\\Users\\ann\\scoop\\apps\\nodejs\\current\\node.exe',
    '/home/ann/.local/share/pnpm/global/5/node_modules/catalyst-bot/bin/run.js',
    '/home/ann/fnm/bin/node',
    '/home/ann/mise/bin/node',
  ]) {
    it(`is stable: ${path}`, () => {
      expect(stabilityOf(path)).to.equal('stable')
    })
  }
})

describe('the path that lasts', () => {
  const links = new Map([
    ['/usr/local/bin/node', '/usr/local/Cellar/node/20.20.2/bin/node'],
    ['/opt/homebrew/bin/node', '/opt/homebrew/Cellar/node/22.1.0/bin/node'],
    ['/usr/bin/node', '/usr/bin/node'],
  ])
  const cases: [string, string][] = [
    ['/opt/homebrew/Cellar/node/22.1.0/bin/node', '/opt/homebrew/bin/node'],
    ['/usr/local/Cellar/node/20.20.2/bin/node', '/usr/local/bin/node'],
    ['/usr/bin/node', '/usr/bin/node'],
    ['/opt/homebrew/Cellar/node/21.0.0/bin/node', '/opt/homebrew/Cellar/node/21.0.0/bin/node'],
    ['/home/ann/.nvm/versions/node/v20/bin/node', '/home/ann/.nvm/versions/node/v20/bin/node'],
  ]
  for (const [real, lasting] of cases) {
    it(`of ${real} is ${lasting}`, () => {
      expect(lastingPath(real, 'node', (path) => links.get(path))).to.equal(lasting)
    })
  }

  it('is chosen by the name of the requested program', () => {
    const run = '/usr/local/lib/node_modules/catalyst-bot/bin/run.js'
    const realPathOf = (path: string) => (path === '/usr/local/bin/catalyst' ? run : undefined)
    expect(lastingPath(run, 'catalyst', realPathOf)).to.equal('/usr/local/bin/catalyst')
    expect(lastingPath(run, 'node', realPathOf)).to.equal(run)
  })
})
