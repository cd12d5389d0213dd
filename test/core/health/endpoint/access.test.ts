import { expect } from 'chai'
import { type Access, accessOf } from '#core/health/endpoint/access.js'

const open = { token: undefined, host: '127.0.0.1' }
const guarded = { token: 'right', host: '127.0.0.1' }
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

describe('the access to the endpoint', () => {
  const cases: [string, Record<string, string>, string, typeof open | typeof guarded, Access][] = [
    ['a direct request', { host: 'localhost:8080' }, '127.0.0.1', open, 'all'],
    ['by address', { host: '127.0.0.1:8080' }, '::ffff:127.0.0.1', open, 'all'],
    ['over IPv6', { host: '[::1]:8080' }, '::1', open, 'all'],
    ['a foreign name (DNS rebinding)', { host: 'evil.example:8080' }, '127.0.0.1', open, 'ping'],
    ['a name that only begins like ours', { host: 'localhost.evil.example' }, '127.0.0.1', open, 'ping'],
    ['no name at all', {}, '127.0.0.1', open, 'ping'],
    ['through a tunnel', { host: 'localhost', 'cf-connecting-ip': '1.2.3.4' }, '127.0.0.1', open, 'ping'],
    ['through a proxy', { host: 'localhost', 'x-forwarded-for': '1.2.3.4' }, '127.0.0.1', open, 'ping'],
    [
      'through a proxy that says so properly',
      { host: 'localhost', forwarded: 'for=1.2.3.4' },
      '127.0.0.1',
      open,
      'ping',
    ],
    ['from another machine that lies about the name', { host: 'localhost' }, '192.168.1.9', open, 'ping'],
    [
      'from loopback under the name it listens on',
      { host: '10.0.0.5:8080' },
      '127.0.0.1',
      { token: undefined, host: '10.0.0.5' } as never,
      'all',
    ],
    [
      'from this machine under its own address',
      { host: '10.0.0.5:8080' },
      '10.0.0.5',
      { token: undefined, host: '10.0.0.5' } as never,
      'all',
    ],
    ['with the token', { host: 'evil.example', authorization: 'Bearer right' }, '1.2.3.4', guarded, 'all'],
    ['with the token as a password', { host: 'x', authorization: basic('me:right') }, '1.2.3.4', guarded, 'all'],
    ['with a wrong token', { host: 'localhost', authorization: 'Bearer wrong' }, '127.0.0.1', guarded, 'token'],
    ['without the token, from here too', { host: 'localhost' }, '127.0.0.1', guarded, 'token'],
    ['with half a header', { host: 'localhost', authorization: 'Bearer' }, '127.0.0.1', guarded, 'token'],
  ]
  for (const [what, headers, peer, rules, access] of cases) {
    it(`${what}: ${access}`, () =>
      expect(accessOf(headers, { remote: peer, local: '10.0.0.5' }, rules)).to.equal(access))
  }
})
