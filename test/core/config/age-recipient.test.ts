import { expect } from 'chai'
import { recipientFault } from '#core/config/age-recipient.js'

const RECIPIENT = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj'

describe('a recipient of age', () => {
  it('is what age-keygen has written', () => {
    expect(recipientFault(RECIPIENT)).to.equal(undefined)
  })

  it('is refused with any one letter changed, or two of them swapped', () => {
    for (let at = 4; at < RECIPIENT.length; at++) {
      const [before, letter, after] = [RECIPIENT.slice(0, at), RECIPIENT[at], RECIPIENT.slice(at + 1)]
      expect(recipientFault(before + (letter === 'q' ? 'p' : 'q') + after), `${at}`).to.contain('typing error')
      const swapped = before + after[0] + letter + after.slice(1)
      if (after !== '' && after[0] !== letter) expect(recipientFault(swapped), `${at}`).to.contain('typing error')
    }
  })

  it('is not the identity, and that is not repeated', () => {
    const fault = recipientFault('AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX')
    expect(fault).to.contain('age-keygen -y').and.not.contain('GFPYY')
  })

  for (const [what, text] of Object.entries({
    'a part of one': RECIPIENT.slice(0, -1),
    'two of them': `${RECIPIENT},${RECIPIENT}`,
    'one in capitals': RECIPIENT.toUpperCase(),
    'a key of ssh': 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN',
    'a path': '/etc/key.txt',
  }))
    it(`is not ${what}`, () => {
      expect(recipientFault(text)).to.contain('age-keygen')
    })
})
