import { expect } from 'chai'
import { writeFault } from '#core/errors.js'

describe('why a file could not be written', () => {
  it('has the same words each time, whatever the temporary file was called', () => {
    const denied = (name: string) =>
      Object.assign(new Error(`EACCES: permission denied, open '/h/${name}'`), { code: 'EACCES' })
    const [one, other] = ['a.json.0123456789ab.tmp', 'a.json.ba9876543210.tmp'].map((name) =>
      writeFault(denied(name), '/h'),
    )
    expect(one).to.equal("EACCES: permission denied, open '/h/a.json'")
    expect(other).to.equal(one)
  })
})
