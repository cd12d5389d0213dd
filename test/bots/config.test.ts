import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { FULL_SCHEMA, loadFullConfig, readFullConfig } from '#bots/config.js'
import { readConfig } from '#core/config/load.js'
import { parseSetting } from '#core/config/parse.js'
import { SCHEMA } from '#core/config/schema.js'
import { isSecretName, secretForms } from '#core/config/secrets.js'
import { shownSettings } from '#core/config/shown.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url))

/** The settings that the bundled bots bring. */
const OWN = Object.keys(FULL_SCHEMA).filter((name) => !(name in SCHEMA))

function home(env: string): string {
  const folder = tempFolder()
  writeFileSync(join(folder, '.env'), env)
  return folder
}

describe('the settings of the bundled bots', () => {
  afterEach(removeTempFolders)

  it('are named nowhere in core, nor on the command line', () => {
    expect(OWN).to.include('TIINGO_API_KEY')
    const sources = ['core', 'cli'].flatMap((folder) =>
      readdirSync(join(SOURCES, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(SOURCES, folder, name)),
    )
    const naming = sources.filter((path) => {
      const text = readFileSync(path, 'utf8')
      return OWN.some((name) => text.includes(name)) || /tiingo|finnhub|ollama|news bot/i.test(text)
    })
    expect(naming).to.deep.equal([])
  })

  it('are redacted where they are secret, though redaction knows them by their names alone', () => {
    for (const name of OWN) expect(isSecretName(name), name).to.equal(FULL_SCHEMA[name]?.secret === true)
    expect(secretForms({ TIINGO_API_KEY: 'swordfish', FINNHUB_API_KEY: 'mackerel' })).to.have.members([
      'swordfish',
      'mackerel',
    ])
  })

  it('read settings of Catalyst as Catalyst does', () => {
    for (const [name, rule] of Object.entries(SCHEMA))
      expect({ ...FULL_SCHEMA[name], meaning: rule.meaning }, name).to.deep.equal(rule)
  })

  it('have defaults that their own rules accept', () => {
    for (const [name, rule] of Object.entries(FULL_SCHEMA))
      if (rule.default !== '') expect(parseSetting(rule, rule.default), name).to.have.property('value')
  })

  it('are checked with those of Catalyst', () => {
    const feeds = Array.from({ length: 41 }, (_, n) => `http://example.com/${n}`).join()
    expect(() => loadFullConfig(home(`NEWS_FEEDS=${feeds}\nOLLAMA_URL=here\n`), {}))
      .to.throw('2 faults')
      .with.property('message')
      .that.includes('NEWS_FEEDS')
      .and.includes('at most 40')
      .and.includes('OLLAMA_URL')
  })

  it('are no faults where only those of Catalyst are read', () => {
    const folder = home(OWN.map((name) => `${name}=x\n`).join(''))
    const { faults, hints } = readConfig(folder, {})
    expect([...faults, ...hints]).to.deep.equal([])
  })

  it('are shown with those of Catalyst, secrets and keys in addresses masked', () => {
    const env =
      'DISCORD_WEBHOOK_URL=https://discord.com/api/webhooks/1/key\nNEWS_FEEDS=https://me:p/w@example.com/a?api_key=NEWSKEY\nTIINGO_API_KEY=abcdef\n'
    const shown = shownSettings(readFullConfig(home(env), { MIN_SCORE: '2' }), FULL_SCHEMA)
    expect(shown.map(({ name }) => name)).to.deep.equal([...Object.keys(SCHEMA), ...OWN])
    for (const secret of ['key"', 'p/w', 'NEWSKEY', 'abcdef']) expect(JSON.stringify(shown)).to.not.include(secret)
    expect(shown).to.deep.include({ name: 'TIINGO_API_KEY', value: '***', from: '.env' })
    expect(shown).to.deep.include({ name: 'FINNHUB_API_KEY', value: '', from: 'default' })
    expect(shown).to.deep.include({ name: 'MIN_SCORE', value: '2', from: 'environment' })
    expect(shown).to.deep.include({ name: 'NEWS_MAX_AGE_MINUTES', value: '480', from: 'default' })
  })

  it('are suggested for a name with a typo, which may be a setting of another bot, too', () => {
    const { faults, hints } = readFullConfig(home('TINGO_API_KEY=a\nOLLAMA_URI=b\nNEWS_FEED=c\nBOT_COMAND=d\n'), {})
    for (const name of ['TIINGO_API_KEY', 'OLLAMA_URL', 'NEWS_FEEDS'])
      expect(hints.join('\n')).to.include(`did you mean ${name}?`)
    expect(faults.join()).to.include('did you mean BOT_COMMAND?').and.not.include('OLLAMA')
  })

  it('name the dependencies by the keys that are set, unless HEALTH_SERVICES does', () => {
    const names = (env: Record<string, string>) => readFullConfig('/nowhere', env).dependencies.map(({ name }) => name)
    expect(names({})).to.deep.equal([])
    expect(
      names({
        TIINGO_API_KEY: 'k',
        FINNHUB_API_KEY: 'k',
        OLLAMA_URL: 'http://127.0.0.1:1',
        DISCORD_WEBHOOK_URL: 'https://discord.com/api/webhooks/1/x',
      }),
    ).to.deep.equal(['discord', 'tiingo', 'finnhub', 'ollama'])
    expect(names({ OLLAMA_URL: 'here' }), 'an address that is a fault').to.deep.equal([])
    expect(names({ TIINGO_API_KEY: 'k', HEALTH_SERVICES: 'db=http://127.0.0.1:1/' })).to.deep.equal(['db'])
  })

  it('keep keys out of the addresses of dependencies', () => {
    const { dependencies } = readFullConfig('/nowhere', { TIINGO_API_KEY: 'my-key', FINNHUB_API_KEY: 'my-key' })
    expect(dependencies).to.have.length(2)
    for (const { url, headers } of dependencies) {
      expect(url).to.not.include('my-key')
      expect(JSON.stringify(headers)).to.include('my-key')
    }
  })
})
