import { expect } from 'chai'
import { judgeNetwork } from '#core/bot/signs/judge-network.js'
import { NOTHING_LEARNED, observe, startWatch, type Watch } from '#core/bot/signs/signs.js'
import type { Connection } from '#core/bot/signs/sockets.js'

const LIMITS = { freezeThresholdMs: 300_000 }
const STEP = 30_000

/** What the connections of a program prove, which are observed each 30 s. */
function judged(moments: readonly (Partial<Connection>[] | undefined)[], isStopped = false) {
  let watch: Watch = startWatch(NOTHING_LEARNED, 0)
  let now = 0
  for (const moment of moments) {
    now += STEP
    const connections = moment?.map((one) => ({
      inode: 1,
      local: '10.0.0.2:4000',
      peer: '192.0.2.7:443',
      unreadBytes: 0,
      receivedBytes: 0,
      isInbound: false,
      ...one,
    }))
    watch = observe(watch, { connections, cpuSeconds: now, isStopped }, now, LIMITS)
  }
  return judgeNetwork(watch, now, LIMITS)
}

describe('proof by the network', () => {
  it('is a connection from which the program reads', () => {
    expect(judged([[{ receivedBytes: 10 }], [{ receivedBytes: 20 }]])).to.deep.equal({ is: 'proof' })
    expect(judged([[{ unreadBytes: 5, receivedBytes: 10 }], [{ unreadBytes: 5, receivedBytes: 20 }]])).to.deep.equal({
      is: 'proof',
    })
  })

  it('is one that others have made, too', () => {
    expect(judged([[{ isInbound: true }]])).to.deep.equal({ is: 'proof' })
  })

  it('is none where what has come is not read', () => {
    const { is, why } = judged([[{ unreadBytes: 5, receivedBytes: 10 }], [{ unreadBytes: 9, receivedBytes: 14 }]]) as {
      is: string
      why: string
    }
    expect(is).to.equal('silence')
    expect(why).to.include('reads none of it')
  })

  it('is none without any connection', () => {
    expect(judged([[]])).to.deep.equal({ is: 'silence', why: 'it has no connection' })
  })

  it('is none of a program that is stopped', () => {
    expect(judged([[{}], [{}]], true).is).to.equal('silence')
  })

  it('is none from a peer that has fallen silent', () => {
    const chatting = Array.from({ length: 150 }, (_, index) => [{ receivedBytes: index }])
    const silent = Array.from({ length: 4 }, () => [{ receivedBytes: 149 }])
    expect(judged(chatting)).to.deep.equal({ is: 'proof' })
    expect(judged([...chatting, ...silent]).is).to.equal('silence')
  })

  it('can not be asked where the system shows no connections', () => {
    expect(judged([undefined]).is).to.equal('unknown')
  })
})
