import { join } from 'node:path'
import { expect } from 'chai'
import { ROOT } from '../support/e2e/root.js'

const { manifests } = await import(join(ROOT, 'scripts/dist/manifests.js'))

const ABOUT = { version: '1.2.3', license: 'MIT', description: 'Keeps bots up: services, health and more.' }
const URL_BASE = 'https://example.invalid/v1.2.3'

const archive = (target: string) => ({
  name: `catalyst-1.2.3-${target}.${target === 'win-x64' ? 'zip' : 'tar.gz'}`,
  url: `${URL_BASE}/catalyst-1.2.3-${target}`,
  sum: target.length.toString(16).padEnd(64, 'a'),
})

describe('the manifests of package managers', () => {
  const files: Record<string, string> = manifests(ABOUT, archive, URL_BASE)

  it('say that nobody has published them', () => {
    expect(Object.keys(files)).to.have.length(5)
    for (const [name, text] of Object.entries(files)) expect(text, name).to.include('Not published.')
  })

  it("are Scoop's", () => {
    const { sum, url } = archive('win-x64')
    expect(JSON.parse(files['scoop/catalyst.json'] as string)).to.deep.include({
      version: '1.2.3',
      description: 'Keeps bots up',
      license: 'MIT',
      bin: 'catalyst.cmd',
      architecture: { '64bit': { url, hash: sum, extract_dir: 'catalyst-1.2.3-win-x64' } },
    })
  })

  it("are winget's three, for the same version", () => {
    const winget = Object.entries(files).filter(([name]) => name.startsWith('winget/'))
    expect(winget.map(([, text]) => /^ManifestType: (.*)$/m.exec(text)?.[1])).to.have.members([
      'version',
      'defaultLocale',
      'installer',
    ])
    for (const [name, text] of winget) {
      expect(text, name).to.match(/^PackageIdentifier: CatalystBot\.Catalyst$/m)
      expect(text, name).to.match(/^PackageVersion: 1\.2\.3$/m)
    }
    const installer = files['winget/CatalystBot.Catalyst.installer.yaml']
    expect(installer).to.match(/^- RelativeFilePath: catalyst-1\.2\.3-win-x64\\catalyst\.cmd$/m)
    expect(installer).to.include(`InstallerSha256: ${archive('win-x64').sum.toUpperCase()}\n`)
  })

  it("are Homebrew's, with an archive for each machine", () => {
    for (const target of ['darwin-arm64', 'darwin-x64', 'linux-x64', 'linux-arm64'])
      expect(files['homebrew/catalyst.rb'], target).to.include(`url "${archive(target).url}"`)
  })

  it('are made of what there is', () => {
    const onlyWindows = (target: string) => (target === 'win-x64' ? archive(target) : undefined)
    expect(Object.keys(manifests(ABOUT, onlyWindows, URL_BASE))).to.not.include('homebrew/catalyst.rb')
    expect(manifests(ABOUT, () => undefined, URL_BASE)).to.deep.equal({})
  })
})
