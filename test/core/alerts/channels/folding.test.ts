import { expect } from 'chai'
import type { Tone } from '#core/alerts/alert.js'
import {
  afterPosting,
  heldUntil,
  isWorthPosting,
  type Posted,
  postedOf,
  postedText,
} from '#core/alerts/channels/folding.js'
import { anAlert } from '../../../support/builders/alert.js'

const NOON = Date.parse('2026-03-01T12:00:00Z')
const MINUTE = 60_000

/** Returns which of the texts are posted, one after the other. */
function posted(texts: readonly [Tone, string, string?][]): string[] {
  let before: Posted | undefined
  return texts.flatMap(([tone, title, description = '']) => {
    const text = { tone, title, description }
    if (!isWorthPosting(before, text)) return []
    before = postedOf(postedText(afterPosting(before, text)))
    return [description || title]
  })
}

describe('on a channel that can not edit', () => {
  it('an incident is its beginning and its end', () => {
    expect(
      posted([
        ['warning', 'hangs'],
        ['working', 'is being restarted'],
        ['good', 'recovered'],
      ]),
    ).to.deep.equal(['hangs', 'recovered'])
  })

  it('a repeat is folded, and that a person is needed is not', () => {
    expect(
      posted([
        ['warning', 'hangs'],
        ['warning', 'hangs'],
        ['working', 'is being restarted'],
        ['bad', 'needs attention'],
        ['working', 'is being restarted'],
        ['bad', 'needs attention'],
        ['good', 'recovered'],
        ['good', 'recovered'],
      ]),
    ).to.deep.equal(['hangs', 'needs attention', 'recovered'])
  })

  it('that nothing more is done for another reason is told, and that a count has grown is not', () => {
    const title = 'needs attention'
    expect(
      posted([
        ['bad', title, 'It is not restarted for a sign'],
        ['working', 'is being restarted'],
        ['bad', title, 'all 3 restarts are used up, 2 of them by earlier incidents'],
        ['bad', title, 'all 3 restarts are used up, 1 of them by earlier incidents'],
      ]),
    ).to.deep.equal(['It is not restarted for a sign', 'all 3 restarts are used up, 2 of them by earlier incidents'])
  })

  it('a crash loop and a second failure are told', () => {
    expect(
      posted([
        ['warning', 'ended unexpectedly'],
        ['warning', 'crash loop'],
        ['bad', 'is built anew'],
        ['bad', 'could not be built anew'],
      ]),
    ).to.deep.equal(['ended unexpectedly', 'crash loop', 'is built anew', 'could not be built anew'])
  })

  it('an incident that begins again is told, and its next end only once it has lasted', () => {
    const good = anAlert({ tone: 'good' })
    const sent = (count: number, tone: Tone) => postedText({ count, tone, title: '0a0b0c0d' })
    expect(heldUntil({ at: NOON, alert: good, sent: undefined })).to.equal(NOON)
    expect(heldUntil({ at: NOON, alert: good, sent: sent(1, 'warning') })).to.equal(NOON)
    expect(heldUntil({ at: NOON, alert: good, sent: sent(3, 'warning') })).to.equal(NOON + 10 * MINUTE)
    expect(heldUntil({ at: NOON, alert: good, sent: sent(3, 'bad') }), 'after a person was called').to.equal(NOON)
    expect(heldUntil({ at: NOON, alert: anAlert(), sent: sent(3, 'warning') })).to.equal(NOON)
    expect(
      posted([
        ['good', 'recovered'],
        ['working', 'is being restarted'],
      ]),
    ).to.deep.equal(['recovered', 'is being restarted'])
  })

  it('a record of another version or another channel counts as none', () => {
    for (const sent of [undefined, '', '4711', '1.warning', '1.evil.0a0b0c0d', 'x.good.0a0b0c0d'])
      expect(postedOf(sent)).to.equal(undefined)
  })
})
