import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadConfig, readConfig } from '#core/config/load.js'
import { SCHEMA } from '#core/config/schema.js'
import { shownSettings } from '#core/config/shown.js'
import { CatalystError } from '#core/errors.js'
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

  it('come from .env, overridden by the environment', () => {
    const { settings, origins, environment } = readConfig(home('HEALTH_CHECK_PORT=1\nBOT_NAME=A\nMINE=x\n'), {
      BOT_NAME: 'B',
    })
    expect([settings.HEALTH_CHECK_PORT, origins.HEALTH_CHECK_PORT]).to.deep.equal([1, '.env'])
    expect([settings.BOT_NAME, origins.BOT_NAME]).to.deep.equal(['B', 'environment'])
    expect(environment).to.include({ MINE: 'x', BOT_NAME: 'B' })
  })

  it('treat an emptied line as not set', () => {
    const { settings, origins } = readConfig(home('HEALTH_CHECK_PORT=\nHEALTH_TOKEN=\n'), {})
    expect(settings.HEALTH_CHECK_PORT).to.equal(8080)
    expect(settings.HEALTH_TOKEN).to.equal(undefined)
    expect(origins.HEALTH_CHECK_PORT).to.equal('default')
  })

  it('report all faults at once, and no value', () => {
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
      'HEALTH_TOKEN=abcdef\nHEARTBEAT_URL=https://hc-ping.com/key\nBOT_HEALTH_URL=https://me:p/w@example.com/a?api_key=HEALTHKEY\n'
    const shown = shownSettings(readConfig(home(env), { HEALTH_CHECK_PORT: '9' }), SCHEMA)
    const text = JSON.stringify(shown)
    for (const secret of ['abcdef', 'key"', 'p/w', 'HEALTHKEY']) expect(text).to.not.include(secret)
    expect(shown).to.deep.include({ name: 'HEALTH_TOKEN', value: '***', from: '.env' })
    expect(shown).to.deep.include({ name: 'HEALTH_CHECK_PORT', value: '9', from: 'environment' })
    expect(shown).to.deep.include({ name: 'ADMIN_ALERT_WEBHOOK', value: '', from: 'default' })
  })

  it('are shown without a secret of another setting, and without a key in an address or a flag', () => {
    const env = `BOT_TOKEN=12345:swordfish
HEALTH_SERVICES=telegram=https://api.telegram.org/bot12345:swordfish/getMe,db=http://u:marlin@127.0.0.1:1/ping
BOT_HEALTH_URL="https://example.com/v1/bot777:AAkey0000000000000000/chat?key=mackerel#token=tuna0"
BOT_COMMAND='bot --api-key=herring --token trout12 --url redis://u:salmon@host/0 --name 12345%3Aswordfish'
`
    const config = readConfig(home(env), {})
    expect(config.faults).to.deep.equal([])
    const text = JSON.stringify(shownSettings(config, SCHEMA))
    for (const secret of ['swordfish', 'marlin', 'AAkey', 'mackerel', 'tuna0', 'herring', 'trout12', 'salmon'])
      expect(text).to.not.include(secret)
    expect(text).to.include('telegram=https://api.telegram.org/bot***/getMe,db=http://***@127.0.0.1:1/ping')
    expect(text).to.include('https://example.com/v1/***/chat?key=***#token=***')
    expect(text).to.include('bot --api-key=*** --token *** --url redis://***@host/0 --name ***')
  })

  it('suggest the setting that a typo was meant for, and ignore other names', () => {
    const folder = home('WATCHDOG_ENABLE=1\nHEALT_CHECK_PORT=1\nbot_command=x\nMY_KEY=y\n')
    const own = (name: string) => ` If it is the bot's own, add the line ${name}= to say so`
    expect(readConfig(folder, { BOT_COMAND: 'x', PATH: 'x' }).faults).to.have.members([
      `WATCHDOG_ENABLE (${folder}/.env) is not a setting: did you mean WATCHDOG_ENABLED?${own('WATCHDOG_ENABLED')}`,
      `HEALT_CHECK_PORT (${folder}/.env) is not a setting: did you mean HEALTH_CHECK_PORT?${own('HEALTH_CHECK_PORT')}`,
      `bot_command (${folder}/.env) is not a setting: did you mean BOT_COMMAND?${own('BOT_COMMAND')}`,
      `BOT_COMAND (environment) is not a setting: did you mean BOT_COMMAND?${own('BOT_COMMAND')}`,
    ])
  })

  it("treat a near name as the bot's own if the setting that it would mean is set, or it is a word of its own", () => {
    for (const env of [
      'BOT_COMMAND=bot\nBOT_COMMANDS=start,stop\n',
      'BOT_COMMAND=\nBOT_COMMANDS=start,stop\n',
      'BOT_MODULE=bot.mjs\nBOT_COMMANDS=start,stop\n',
      'BOT_PROXY=http://proxy\nBOT_MODEL=large\nLOG_LEVELS=a\nBOT_TOKEN=c\nHEALTH_PORT=1\n',
    ])
      expect(readConfig(home(env), {}).faults, env).to.deep.equal([])
    expect(readConfig(home('BOT_PROXY=x\n'), {}).hints.join()).to.include('did you mean BOT_PROOF?')
  })
})

describe('settings that only look sound', () => {
  afterEach(removeTempFolders)

  it('are reported as faults before anything is started', () => {
    const faults = (env: string) => readConfig(home(env), {}).faults.join()
    expect(faults(`BOT_COMMAND='bot "x'\n`)).to.include('a " is not closed')
    expect(faults('CATALYST_HOME=/srv/bot\n')).to.include("CATALYST_HOME can't be set in")
  })
})
