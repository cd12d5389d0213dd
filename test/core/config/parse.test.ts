import { expect } from 'chai'
import { parseSetting } from '#core/config/parse.js'
import type { SettingRule } from '#core/config/rule.js'
import { SCHEMA } from '#core/config/schema.js'

const rule = (more: Partial<SettingRule>): SettingRule => ({
  type: 'text',
  default: '',
  meaning: '',
  group: '',
  ...more,
})
const fault = (more: Partial<SettingRule>, raw: string) => {
  const parsed = parseSetting(rule(more), raw)
  return 'fault' in parsed ? parsed.fault : undefined
}
const value = (more: Partial<SettingRule>, raw: string) => {
  const parsed = parseSetting(rule(more), raw)
  return 'value' in parsed ? parsed.value : parsed
}

describe('a setting', () => {
  it('reads switches as people write them', () => {
    for (const text of ['1', 'true', 'YES', ' on ']) expect(value({ type: 'switch' }, text), text).to.equal(true)
    for (const text of ['0', 'false', 'No', 'off']) expect(value({ type: 'switch' }, text), text).to.equal(false)
    expect(fault({ type: 'switch' }, 'maybe')).to.equal('must be 1 or 0')
  })

  it('keeps numbers in their range and names the range', () => {
    const port = { type: 'whole', min: 0, max: 65_535 } as const
    expect(value(port, '8080')).to.equal(8080)
    expect(fault(port, '70000')).to.equal('must be a whole number from 0 to 65535')
    expect(fault(port, '80.5')).to.equal('must be a whole number')
    expect(fault(port, 'http')).to.equal('must be a whole number')
    expect(fault({ type: 'seconds', unit: 's', min: 0 }, '-1')).to.equal('must be a number of seconds of at least 0')
    expect(value({ type: 'seconds', unit: 's', min: 0 }, '0.25')).to.equal(0.25)
    expect(fault({ type: 'number' }, 'Infinity')).to.equal('must be a number')
    expect(fault({ type: 'number' }, 'NaN')).to.equal('must be a number')
  })

  it('accepts only a token that can stand in a header', () => {
    const token = { type: 'token' } as const
    expect(value(token, 'a-Long_w0rd/+=~!')).to.equal('a-Long_w0rd/+=~!')
    expect(value(token, '')).to.equal(undefined)
    for (const text of ['two words', 'tab\there', 'Schlüssel', 'line\nbreak'])
      expect(fault(token, text), text).to.equal('must be letters, digits and signs, without blanks')
  })

  it('accepts a choice in any case, and lists the choices', () => {
    const level = { type: 'choice', choices: ['INFO', 'DEBUG'] } as const
    expect(value(level, 'debug')).to.equal('DEBUG')
    expect(fault(level, 'loud')).to.equal('must be one of INFO, DEBUG')
  })

  it('accepts only http addresses, and never repeats a value in a fault', () => {
    expect(value({ type: 'url' }, 'https://example.com/x')).to.equal('https://example.com/x')
    for (const text of ['ftp://example.com', 'example.com', 'javascript:alert(1)', 'https://']) {
      expect(fault({ type: 'url' }, text), text).to.equal('must be an http:// or https:// address')
    }
    expect(fault({ type: 'urls' }, 'https://a.example,file:///etc/passwd')).to.not.include('passwd')
  })

  it('accepts dependencies as name=url, with http, https and tcp', () => {
    expect(
      value({ type: 'services' }, 'db=http://127.0.0.1:1/, x-1=https://a.example/?q=1,irc=tcp://[::1]:6667'),
    ).to.deep.equal({ db: 'http://127.0.0.1:1/', 'x-1': 'https://a.example/?q=1', irc: 'tcp://[::1]:6667' })
    for (const text of ['db', 'db=', '=http://a.example', 'a b=http://a.example'])
      expect(fault({ type: 'services' }, text), text).to.equal('must be name=url pairs with commas between')
  })

  it('names the dependency whose address is wrong, and the fault', () => {
    const of = (text: string) => fault({ type: 'services' }, `ok=http://a.example,${text}`)
    const begin = 'must begin with http://, https:// or tcp://'
    expect(of('irc=ircs://irc.example:6697')).to.equal(`has an address for irc that ${begin}, not with ircs://`)
    expect(of('db=db.example:5432')).to.equal(`has an address for db that ${begin}`)
    for (const address of ['tcp://irc.example', 'tcp://:6667', 'tcp://irc.example:port'])
      expect(of(`irc=${address}`), address).to.equal('has an address for irc that must be tcp://host:port')
    expect(of('db=https://')).to.equal('has an address for db that is not valid')
  })

  it('keeps shared paths inside the home', () => {
    expect(value({ type: 'paths' }, '.env, data/, sub\\folder')).to.deep.equal(['.env', 'data', 'sub/folder'])
    for (const text of ['../x', '/etc', 'C:\\x', 'a/../../b', 'data/..'])
      expect(fault({ type: 'paths' }, text), text).to.include('inside the home')
  })

  it('has a default that its own rule accepts, for every name', () => {
    for (const [name, own] of Object.entries(SCHEMA)) {
      if (own.default !== '') expect(parseSetting(own, own.default), name).to.have.property('value')
    }
  })
})
