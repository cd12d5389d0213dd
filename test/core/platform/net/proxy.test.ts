import { expect } from 'chai'
import { proxyIn } from '#core/platform/net/proxy.js'

const HTTPS = 'http://secure.example:3128'
const HTTP = 'http://plain.example:3128'

describe('the proxy for an address', () => {
  const settings = { HTTPS_PROXY: HTTPS, HTTP_PROXY: HTTP }
  const proxyOf = (url: string, more: Record<string, string> = {}) =>
    proxyIn({ ...settings, ...more }, new URL(url))?.origin

  it('is chosen by its scheme; lower case counts before upper, and none is set if the value is empty', () => {
    expect(proxyOf('https://a.example/x')).to.equal(HTTPS)
    expect(proxyOf('http://a.example/x')).to.equal(HTTP)
    expect(proxyOf('https://a.example/x', { https_proxy: 'https://other.example' })).to.equal('https://other.example')
    expect(proxyOf('https://a.example/x', { https_proxy: '' })).to.equal(undefined)
    expect(proxyIn({ HTTP_PROXY: HTTP }, new URL('https://a.example/'))).to.equal(undefined)
  })

  it('may be named without its scheme', () => {
    expect(proxyOf('https://a.example/', { HTTPS_PROXY: 'user:word@other.example:8080' })).to.equal(
      'http://other.example:8080',
    )
  })

  it('is a fault if it is no http or https address; the fault does not repeat it', () => {
    for (const proxy of ['socks5://user:word@a.example', 'http://', 'http://a b'])
      expect(() => proxyOf('https://a.example/', { HTTPS_PROXY: proxy }), proxy).to.throw(
        /^HTTPS_PROXY must be an http:\/\/ or https:\/\/ address$/,
      )
  })

  it('is never used for this machine, whatever is set', () => {
    for (const host of ['localhost', 'bot.localhost', '127.0.0.1', '127.8.9.10', '[::1]', '[::ffff:127.0.0.1]'])
      for (const scheme of ['http', 'https']) expect(proxyOf(`${scheme}://${host}:8080/`), host).to.equal(undefined)
    for (const host of ['localhost.example', '127.0.0.1.example', '10.0.0.1', '[::2]'])
      expect(proxyOf(`http://${host}/`), host).to.equal(HTTP)
  })

  const exempt: [string, string, boolean][] = [
    ['*', 'https://a.example/', true],
    ['a.example', 'https://a.example/', true],
    ['A.Example', 'https://a.example:8443/', true],
    ['a.example', 'https://sub.a.example/', true],
    ['.a.example', 'https://sub.a.example/', true],
    ['*.a.example', 'https://sub.a.example/', true],
    ['a.example', 'https://nota.example/', false],
    ['a.example:8443', 'https://a.example:8443/', true],
    ['a.example:443', 'https://a.example/', true],
    ['a.example:8443', 'https://a.example/', false],
    ['x.example, a.example', 'https://a.example/', true],
    ['x.example a.example', 'https://a.example/', true],
    ['10.0.0.1', 'https://10.0.0.1/', true],
    ['10.0.0.1:80', 'https://10.0.0.1/', false],
    ['10.0.0.0/8', 'https://10.200.0.1/', true],
    ['10.0.0.0/8', 'https://11.0.0.1/', false],
    ['10.0.0.0/99', 'https://10.0.0.1/', false],
    ['fd00::/8', 'https://[fd12::1]/', true],
    ['fd12::1', 'https://[fd12::1]/', true],
    ['[fd12::1]:443', 'https://[fd12::1]/', true],
    ['fd12::1', 'https://10.0.0.1/', false],
    ['', 'https://a.example/', false],
    [' , ', 'https://a.example/', false],
  ]
  for (const [noProxy, url, isExempt] of exempt) {
    it(`is ${isExempt ? 'none' : 'needed'} for ${url} with NO_PROXY=${noProxy}`, () => {
      expect(proxyOf(url, { NO_PROXY: noProxy })).to.equal(isExempt ? undefined : HTTPS)
    })
  }
})
