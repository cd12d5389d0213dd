import { expect } from 'chai'
import { botEnvironment, withNode } from '#core/bot/environment.js'

describe("a bot's environment", () => {
  it('is without the secrets of alert channels where they are ours', () => {
    const set = { ALERT_TELEGRAM_TOKEN: '1:a', ALERT_WEBHOOK_URL: 'https://a.example', ALERT_EMAIL_TO: 'me@a.example' }
    expect(botEnvironment(set, {}, 'linux'), "else they are the bot's own").to.deep.equal(set)
    const seen = botEnvironment({ ...set, ALERT_CHANNELS: 'telegram', ADMIN_ALERT_WEBHOOK: 'x' }, {}, 'linux')
    expect(seen).to.deep.equal({ ALERT_CHANNELS: 'telegram', ALERT_EMAIL_TO: 'me@a.example' })
  })
})

describe("a bot's PATH", () => {
  const node = 'C:\\Program Files\\nodejs\\node.exe'

  it('has the folder of the node first on Windows, under one name alone', () => {
    const env = withNode({ Path: 'C:\\Windows;;C:\\Program Files\\nodejs', PATH: 'D:\\tools', X: '1' }, 'win32', node)
    expect(env).to.deep.equal({ X: '1', PATH: 'C:\\Program Files\\nodejs;C:\\Windows;D:\\tools' })
    expect(withNode({}, 'win32', node)).to.deep.equal({ PATH: 'C:\\Program Files\\nodejs' })
    const seen = botEnvironment({ Path: 'C:\\Windows', CATALYST_SERVICE: 'Bot' }, {}, 'win32')
    expect(Object.keys(seen)).to.deep.equal(['PATH'])
    expect(seen.PATH).to.match(/;C:\\Windows$/)
  })

  it('is as it was elsewhere: there the entry of the service has it already', () => {
    expect(botEnvironment({ PATH: '/venv/bin:/usr/bin' }, {}, 'linux')).to.deep.equal({ PATH: '/venv/bin:/usr/bin' })
    const env = withNode({ PATH: '/bin:/usr/bin', Path: 'mine' }, 'linux', '/usr/bin/node')
    expect(env).to.deep.equal({ PATH: '/usr/bin:/bin', Path: 'mine' })
  })
})
