import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { hintsOf } from '#core/config/hints.js'
import { demoConfig, loadConfig, readConfig } from '#core/config/load.js'
import { shownSettings } from '#core/config/shown.js'
import { CatalystError } from '#core/errors.js'
import { servicesOf } from '#core/health/services.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

function home(env?: string): string {
  const folder = tempFolder()
  if (env !== undefined) writeFileSync(join(folder, '.env'), env)
  return folder
}

describe('the settings of a home', () => {
  afterEach(removeTempFolders)

  it('are the defaults without a .env', () => {
    const { settings, faults, origins } = readConfig(home(), {})
    expect(faults).to.deep.equal([])
    expect(settings.HEALTH_CHECK_PORT).to.equal(8080)
    expect(settings.WATCHDOG_ENABLED).to.equal(false)
    expect(settings.LOG_PLAIN).to.equal(true)
    expect(settings.BOT_COMMAND).to.equal(undefined)
    expect(origins.HEALTH_CHECK_PORT).to.equal('default')
  })

  it('come from .env, and from the environment over it', () => {
    const { settings, origins, environment } = readConfig(home('HEALTH_CHECK_PORT=1\nBOT_NAME=A\nMINE=x\n'), {
      BOT_NAME: 'B',
    })
    expect([settings.HEALTH_CHECK_PORT, origins.HEALTH_CHECK_PORT]).to.deep.equal([1, '.env'])
    expect([settings.BOT_NAME, origins.BOT_NAME]).to.deep.equal(['B', 'environment'])
    expect(environment).to.include({ MINE: 'x', BOT_NAME: 'B' })
  })

  it('take an emptied line as not set', () => {
    const { settings, origins } = readConfig(home('HEALTH_CHECK_PORT=\nHEALTH_TOKEN=\n'), {})
    expect(settings.HEALTH_CHECK_PORT).to.equal(8080)
    expect(settings.HEALTH_TOKEN).to.equal(undefined)
    expect(origins.HEALTH_CHECK_PORT).to.equal('default')
  })

  it('name all faults at once, and no value', () => {
    const folder = home('HEALTH_CHECK_PORT=secretish\nLOG_LEVEL=loud\nBOT_COMMAND=a\nBOT_MODULE=b\nBOT_PROOF=url\n')
    try {
      loadConfig(folder, {})
      expect.fail('it was taken')
    } catch (error) {
      expect(error).to.be.instanceOf(CatalystError)
      const { message, exit } = error as CatalystError
      expect(exit).to.equal(78)
      expect(message).to.include('4 faults')
      for (const name of ['HEALTH_CHECK_PORT', 'LOG_LEVEL', 'BOT_COMMAND and BOT_MODULE', 'BOT_HEALTH_URL'])
        expect(message).to.include(name)
      expect(message).to.not.include('secretish')
    }
  })

  it('refuse a line break in a command, which double quotes make of a Windows path', () => {
    expect(readConfig(home('BOT_COMMAND="C:\\new\\bot.exe"\n'), {}).faults.join()).to.include(
      'BOT_COMMAND holds a line break',
    )
  })

  it('are shown with their origin, secrets masked', () => {
    const env =
      'HEALTH_TOKEN=abcdef\nDISCORD_WEBHOOK_URL=https://discord.com/api/webhooks/1/key\nNEWS_FEEDS=https://me:p/w@example.com/a?api_key=NEWSKEY\n'
    const shown = shownSettings(readConfig(home(env), { HEALTH_CHECK_PORT: '9' }))
    const text = JSON.stringify(shown)
    for (const secret of ['abcdef', 'key"', 'p/w', 'NEWSKEY']) expect(text).to.not.include(secret)
    expect(shown).to.deep.include({ name: 'HEALTH_TOKEN', value: '***', from: '.env' })
    expect(shown).to.deep.include({ name: 'HEALTH_CHECK_PORT', value: '9', from: 'environment' })
    expect(shown).to.deep.include({ name: 'ADMIN_ALERT_WEBHOOK', value: '', from: 'default' })
  })

  it('say which setting a slip was meant for, and leave other names alone', () => {
    expect(hintsOf({ HEALTH_CHEK_PORT: '1', PATH: 'x', MY_KEY: 'y' })).to.deep.equal([
      'HEALTH_CHEK_PORT is not a setting: did you mean HEALTH_CHECK_PORT?',
    ])
    expect(hintsOf({ HEALTH_CHECK_PORT: '1' })).to.deep.equal([])
  })
})

describe('settings that only look sound', () => {
  afterEach(removeTempFolders)

  it('are faults before anything is started', () => {
    const faults = (env: string) => readConfig(home(env), {}).faults.join()
    expect(faults(`BOT_COMMAND='bot "x'\n`)).to.include('a " is not closed')
    expect(faults('CATALYST_HOME=/srv/bot\n')).to.include("CATALYST_HOME can't be set in")
    expect(faults(`NEWS_FEEDS=${Array.from({ length: 41 }, (_, n) => `http://example.com/${n}`).join()}\n`)).to.include(
      'at most 40',
    )
  })

  it('of a demo ask nobody outside', () => {
    const { settings } = demoConfig(
      readConfig(home('BOT_COMMAND=x\nTIINGO_API_KEY=abcd\nHEALTH_SERVICES=a=http://a.example/\n'), {}),
    )
    expect(servicesOf(settings)).to.deep.equal([])
    expect(settings).to.include({ BOT_COMMAND: undefined, BOT_CYCLE_SECONDS: 5 })
  })
})
