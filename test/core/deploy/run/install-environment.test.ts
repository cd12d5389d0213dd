import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { installEnvironment } from '#core/deploy/run/install-environment.js'
import { deploy } from '../../../support/deploy/deploy.js'
import { TestRepository } from '../../../support/deploy/repository.js'
import { failureOf } from '../../../support/failure.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

describe('the environment of an installation', () => {
  const withheldOf = (environment: Record<string, string>, needed: string[] = [], platform?: NodeJS.Platform) =>
    installEnvironment(environment, needed, platform).withheld

  it('has no secret, whatever it is called', () => {
    const secrets = {
      MY_TOKEN: 'x',
      API_KEY: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
      BOT_PASSWORD: 'x',
      DB_PASS: 'x',
      DISCORD_WEBHOOK_URL: 'x',
      GITHUB_PAT: 'x',
      GOOGLE_APPLICATION_CREDENTIALS: 'x',
      PRIVATE_SSH: 'x',
      SENTRY_DSN: 'x',
      npm_config__auth: 'x',
      sessionCookie: 'x',
      DATABASE_URL: 'postgres://bot:hunter2@db/bot',
    }
    expect(withheldOf(secrets)).to.deep.equal(Object.keys(secrets))
  })

  it('has all that tools need', () => {
    const ordinary = {
      PATH: '/usr/bin',
      HOME: '/home/ann',
      PWD: '/home/ann/bot',
      SSH_AUTH_SOCK: '/run/agent',
      https_proxy: 'http://ann:hunter2@proxy:3128',
      npm_config_registry: 'https://registry.example.com/',
      NODE_ENV: 'production',
      COMPASS: 'north',
      DATABASE_URL: 'postgres://db/bot',
    }
    expect(installEnvironment(ordinary, [])).to.deep.equal({ seen: ordinary, withheld: [] })
  })

  it('has no secret under another name, nor within another value', () => {
    const environment = {
      MY_TOKEN: 'a-long-secret',
      GREETING: 'a-long-secret',
      URL: 'http://x/?k=a-long-secret',
      PIN_KEY: '1',
      N: '1',
    }
    expect(withheldOf(environment)).to.deep.equal(['MY_TOKEN', 'GREETING', 'URL', 'PIN_KEY'])
  })

  it('has folders, also where a secret lies in one of them', () => {
    const environment = { SIGNING_KEY: '/home/ann', HOME: '/home/ann', DATA: '/home/ann/data', PATH: '/home/ann/bin' }
    expect(withheldOf(environment)).to.deep.equal(['SIGNING_KEY'])
  })

  it('has a secret that DEPLOY_INSTALL_ENV names', () => {
    expect(withheldOf({ NPM_TOKEN: 'abc', MY_TOKEN: 'def' }, ['NPM_TOKEN'])).to.deep.equal(['MY_TOKEN'])
    expect(withheldOf({ Npm_Token: 'abc' }, ['NPM_TOKEN'], 'win32')).to.deep.equal([])
    expect(withheldOf({ Npm_Token: 'abc' }, ['NPM_TOKEN'], 'linux')).to.deep.equal(['Npm_Token'])
  })
})

describe('a script of a dependency', () => {
  const OUTER = 'OUTER_API_TOKEN'
  afterEach(() => {
    delete process.env[OUTER]
    removeTempFolders()
  })

  /** A home whose installation runs this. */
  function homeThatInstalls(script: string, settings: string) {
    const repository = new TestRepository(tempFolder())
    const { folder } = repository
    repository.commit({ '.gitignore': '.env\ndata/\n', 'install.mjs': script, 'check.mjs': script })
    repository.git('tag', 'v1')
    const run = (file: string) => `"${process.execPath}" ${file}`
    const lines = [`DEPLOY_INSTALL_COMMAND='${run('install.mjs')}'`, `DEPLOY_CHECK_COMMAND='${run('check.mjs')}'`]
    fs.writeFileSync(join(folder, '.env'), `${[...lines, settings].join('\n')}\n`)
    process.env[OUTER] = 'outer-secret'
    return folder
  }

  it('sees neither the secrets of .env nor those of the terminal, and the check still does', async () => {
    const writeDown =
      "import fs from 'node:fs'\nfs.writeFileSync(process.argv[1].replace('.mjs', '.json'), JSON.stringify(process.env))"
    const more = 'MY_TOKEN=my-secret\nNPM_TOKEN=npm-secret\nGREETING=hello\nDEPLOY_INSTALL_ENV=NPM_TOKEN'
    const folder = homeThatInstalls(writeDown, more)
    const { release } = await deploy(folder, 'v1')
    const seen = (file: string) =>
      JSON.parse(fs.readFileSync(join(folder, '.catalyst/releases', release, file), 'utf8'))
    expect(seen('install.json')).to.include({ NPM_TOKEN: 'npm-secret', GREETING: 'hello' })
    expect(seen('install.json')).to.not.have.any.keys('MY_TOKEN', OUTER)
    expect(seen('check.json')).to.include({ MY_TOKEN: 'my-secret', [OUTER]: 'outer-secret' })
  })

  it('fails with how to get a secret that it misses', async () => {
    const folder = homeThatInstalls("throw new Error('no NPM_TOKEN in the environment')", 'NPM_TOKEN=npm-secret')
    const error = await failureOf(deploy(folder, 'v1'))
    expect(error.suggestions.join()).to.include('DEPLOY_INSTALL_ENV=NPM_TOKEN')
  })
})
