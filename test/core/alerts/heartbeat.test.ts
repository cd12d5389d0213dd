import { expect } from 'chai'
import { heartbeatUrl } from '#core/alerts/heartbeat.js'

describe('the address of a heartbeat', () => {
  const cases: [string, boolean, string][] = [
    ['https://hc-ping.com/uuid', true, 'https://hc-ping.com/uuid'],
    ['https://hc-ping.com/uuid', false, 'https://hc-ping.com/uuid/fail'],
    ['https://hc-ping.com/uuid/', false, 'https://hc-ping.com/uuid/fail'],
    [
      'https://kuma.example/api/push/T?status=up&msg=OK&ping=',
      true,
      'https://kuma.example/api/push/T?status=up&msg=OK&ping=',
    ],
    ['https://kuma.example/api/push/T', false, 'https://kuma.example/api/push/T?status=down&msg=incident'],
  ]
  for (const [base, isWell, expected] of cases)
    it(`of ${base} is, when it is ${isWell ? 'well' : 'not'}, ${expected}`, () => {
      expect(heartbeatUrl(base, isWell)).to.equal(expected)
    })

  it('of Uptime Kuma has a message, where there is one', () => {
    const url = heartbeatUrl('https://kuma.example/api/push/T', true, 'paused until noon')
    expect(new URL(url).searchParams.get('msg')).to.equal('paused until noon')
  })
})
