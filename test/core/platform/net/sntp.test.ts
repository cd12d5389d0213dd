import { expect } from 'chai'
import { realClock } from '#core/platform/clock.js'
import { askTime, parseTimeAnswer } from '#core/platform/net/sntp.js'
import { type TimeAnswer, timeAnswer, timeServer } from '../../../support/time-server.js'

const AT = Date.parse('2026-03-01T12:00:00Z')
const TOKEN = Buffer.from('a-token!')
const QUESTION = Buffer.concat([Buffer.alloc(40), TOKEN])

describe('the answer of a time server', () => {
  const parsed = (answer: TimeAnswer, delayMs = 20, sentAt = AT) =>
    parseTimeAnswer(timeAnswer(QUESTION, sentAt + delayMs / 2, answer), { token: TOKEN, sentAt, delayMs })

  it('says how far our clock is off, to half the time on the way', () => {
    for (const offsetMs of [0, 700, -700, 3_600_000, -86_400_000]) {
      const offset = parsed({ offsetMs })
      if ('fault' in offset) throw new Error(offset.fault)
      expect(offset.offsetMs).to.be.closeTo(-offsetMs, 0.1)
      expect(offset.delayMs).to.be.closeTo(20, 0.1)
    }
  })

  it('is understood after its seconds have begun anew, in 2036', () => {
    const offset = parsed({ offsetMs: 700 }, 20, Date.parse('2036-02-07T06:28:16Z'))
    expect(offset).to.have.property('offsetMs').that.is.closeTo(-700, 0.1)
  })

  const lies: Record<string, [TimeAnswer, RegExp]> = {
    'to the question of somebody else': [{ originate: Buffer.alloc(8) }, /not to our question/],
    'of a client': [{ mode: 3 }, /not that of a time server/],
    'of one that refuses': [{ stratum: 0 }, /refuses/],
    'of a server that follows none': [{ stratum: 16 }, /own clock is not set/],
    'of a server whose clock is not set': [{ leap: 3 }, /own clock is not set/],
    'without a time': [{ transmit: 'nothing' }, /holds no time/],
    'that is cut': [{ bytes: 47 }, /no time/],
    'that is empty': [{ bytes: 0 }, /no time/],
  }
  for (const [what, [answer, fault]] of Object.entries(lies)) {
    it(`is not believed where it is one ${what}`, () => {
      expect(parsed(answer)).to.have.property('fault').that.matches(fault)
    })
  }

  it('is not believed where it took long', () => {
    expect(parsed({}, 1500)).to.have.property('fault').that.contains('1500 ms')
  })
})

describe('asking a time server', () => {
  it('tells it nothing: no clock of ours, and another token each time', async () => {
    const server = await timeServer({ offsetMs: 2000 })
    try {
      for (let time = 0; time < 2; time++) {
        const { offsetMs, delayMs } = await askTime(realClock, { host: '127.0.0.1', port: server.port }, 5000)
        expect(offsetMs).to.be.closeTo(-2000, delayMs / 2 + 5)
      }
      const [first, second] = server.questions as [Buffer, Buffer]
      expect([first.length, first[0]]).to.deep.equal([48, 0x23])
      expect(first.subarray(1, 40).every((byte) => byte === 0)).to.equal(true)
      expect(first.subarray(40).equals(second.subarray(40))).to.equal(false)
    } finally {
      await server.close()
    }
  })

  it('fails with the reason where there is no answer, no server, or a lie', async () => {
    const server = await timeServer()
    const reason = (host: string) =>
      askTime(realClock, { host, port: server.port }, 200).then(
        () => 'none',
        (error: Error) => error.message,
      )
    expect(await reason('127.0.0.1')).to.equal('no answer within 0.2 s')
    server.answer = { originate: Buffer.alloc(8) }
    expect(await reason('127.0.0.1')).to.contain('not to our question')
    await server.close()
    expect(await reason('127.0.0.1')).to.match(/ECONNREFUSED|no answer/)
  })
})
