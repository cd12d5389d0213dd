import { expect } from 'chai'
import { captureOutput, printOwn } from '#core/platform/output/capture-output.js'

/** A stream that keeps what it is given. */
function aStream() {
  const written: string[] = []
  const stream = {
    write(chunk: string | Uint8Array) {
      written.push(String(chunk))
      return true
    },
  } as unknown as NodeJS.WriteStream
  return { stream, written }
}

describe('what others in this process print', () => {
  it('is taken in, in any form, and does not reach the stream', async () => {
    const { stream, written } = aStream()
    const taken: string[] = []
    captureOutput(stream, (chunk) => taken.push(String(chunk)))
    stream.write('text')
    stream.write(Buffer.from('bytes'))
    stream.write('aGk=', 'base64')
    const calledBack = new Promise<unknown>((resolve) => stream.write('with a callback', resolve))
    expect(await calledBack).to.equal(undefined)
    expect(taken).to.deep.equal(['text', 'bytes', 'hi', 'with a callback'])
    expect(written).to.deep.equal([])
  })

  it('is apart from what is our own, also what the one who takes it in prints', () => {
    const { stream, written } = aStream()
    const taken: string[] = []
    captureOutput(stream, (chunk) => {
      taken.push(String(chunk))
      stream.write(`logged: ${chunk}`)
    })
    stream.write('a')
    printOwn(() => stream.write('ours'))
    expect(() =>
      printOwn(() => {
        throw new Error('x')
      }),
    ).to.throw()
    stream.write('b')
    expect(taken).to.deep.equal(['a', 'b'])
    expect(written).to.deep.equal(['logged: a', 'ours', 'logged: b'])
  })

  it('reaches the stream again at the end', () => {
    const { stream, written } = aStream()
    captureOutput(stream, () => {})()
    stream.write('a')
    expect(written).to.deep.equal(['a'])
  })
})
