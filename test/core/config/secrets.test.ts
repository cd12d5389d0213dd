import { expect } from 'chai'
import { isSecretName, secretForms } from '#core/config/secrets.js'

describe('secrets', () => {
  it('are recognized by the schema, and other names by their ending', () => {
    for (const name of [
      'TOKEN',
      'HEALTH_TOKEN',
      'ADMIN_ALERT_WEBHOOK',
      'ALERT_EMAIL_SMTP',
      'ALERT_NTFY_URL',
      'ALERT_TELEGRAM_TOKEN',
      'ALERT_WEBHOOK_SECRET',
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

  it('include the key in an address: in its path, its query or before its host', () => {
    const forms = secretForms({
      DISCORD_WEBHOOK_URL: 'https://discord.com/api/webhooks/123456789012345678/aBcDeFgHiJkLmNoPqRsT',
      DB_PASSWORD: 'postgres://bot:p%40ssw0rd@db.example/x?key=0123456789abcdef',
    })
    expect(forms).to.include.members([
      'aBcDeFgHiJkLmNoPqRsT',
      '\\/api\\/webhooks\\/123456789012345678\\/aBcDeFgHiJkLmNoPqRsT',
      '0123456789abcdef',
      'p@ssw0rd',
    ])
    expect(forms).to.not.include('webhooks')
  })

  it('include the password of a proxy, but not its address', () => {
    for (const proxy of ['http://me:hush-hush@proxy.example:3128', 'me:hush-hush@proxy.example:3128'])
      expect(secretForms({ HTTPS_PROXY: proxy })).to.deep.equal(['hush-hush'])
    expect(secretForms({ HTTPS_PROXY: 'http://proxy.example:3128', NO_PROXY: 'a.example' })).to.deep.equal([])
  })

  it('are hidden line by line if they have several lines', () => {
    const forms = secretForms({ PRIVATE_KEY: '-----BEGIN KEY-----\nMIIEvQIBADANBg\n}\n' })
    expect(forms).to.include.members(['-----BEGIN KEY-----', 'MIIEvQIBADANBg'])
    expect(forms).to.not.include('}')
  })

  it('are hidden as programs in other languages escape them', () => {
    const forms = secretForms({ MY_PASSWORD: 'päss/w ö' })
    expect(forms).to.include.members([
      'p\\u00e4ss/w \\u00f6',
      'p%C3%A4ss%2Fw%20%C3%B6',
      'p%c3%a4ss%2fw%20%c3%b6',
      'p%C3%A4ss/w%20%C3%B6',
      'p%C3%A4ss%2Fw+%C3%B6',
    ])
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
