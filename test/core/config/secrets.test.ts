import { expect } from 'chai'
import { isSecretName, secretForms } from '#core/config/secrets.js'

describe('secrets', () => {
  it('are known by the schema, and other names by their ending', () => {
    for (const name of [
      'HEALTH_TOKEN',
      'ADMIN_ALERT_WEBHOOK',
      'TIINGO_API_KEY',
      'MY_API_KEY',
      'db_password',
      'X_WEBHOOK_URL',
      'A_SECRET',
      'A_PASSPHRASE',
    ]) {
      expect(isSecretName(name), name).to.equal(true)
    }
    for (const name of ['BOT_NAME', 'HEALTH_CHECK_HOST', 'MONKEY', 'KEY_COUNT', 'OLLAMA_URL'])
      expect(isSecretName(name), name).to.equal(false)
  })

  it('are hidden in every form they may appear in, longest first', () => {
    const forms = secretForms({
      A_KEY: 'a"b&c',
      DISCORD_WEBHOOK_URL: 'https://discord.com/api/webhooks/1/xyz',
      PLAIN: 'visible',
      B_KEY: 'abc',
    })
    expect(forms).to.include.members([
      'a"b&c',
      'a\\"b&c',
      'a%22b%26c',
      '/api/webhooks/1/xyz',
      'https://discord.com/api/webhooks/1/xyz',
    ])
    expect(forms).to.not.include('visible')
    expect(forms, 'too short to be told from ordinary text').to.not.include('abc')
    expect(forms.map((form) => form.length)).to.deep.equal([...forms.map((form) => form.length)].sort((a, b) => b - a))
  })
})
