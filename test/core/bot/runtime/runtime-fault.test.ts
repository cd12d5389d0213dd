import { expect } from 'chai'
import { type RuntimeFacts, runtimeFault, type Venv, withRemedy } from '#core/bot/runtime/runtime-fault.js'

const venv = (more: Partial<Venv> = {}): Venv => ({
  name: '.venv',
  isNamed: true,
  built: '3.11',
  isThere: true,
  now: '3.11',
  ...more,
})
const node = (builtAbi: string, abi: string) => ({ builtAbi, now: { abi, version: 'v22.3.0' } })
const fault = (more: Partial<RuntimeFacts>) => runtimeFault({ version: 'v1.2.3', venvs: [], node: undefined, ...more })

describe('the runtime under a release', () => {
  it('has no fault where nothing has changed, and where nothing is known', () => {
    expect(fault({})).to.equal(undefined)
    expect(fault({ venvs: [venv()], node: node('127', '127') })).to.equal(undefined)
    expect(fault({ venvs: [venv({ built: undefined }), venv({ now: undefined })] })).to.equal(undefined)
  })

  it('has a fault where the Python of its virtual environment is gone', () => {
    const gone = (now?: string, built: string | undefined = '3.11') =>
      fault({ venvs: [venv({ built, isThere: false, now })] })?.text
    expect(gone('3.12')).to.equal("The Python 3.11 that v1.2.3's .venv was built with is gone (now 3.12).")
    expect(gone()).to.equal("The Python 3.11 that v1.2.3's .venv was built with is gone.")
    expect(gone('3.11'), 'a part of it').to.equal("The Python 3.11 that v1.2.3's .venv was built with is gone.")
    const unknown = fault({ venvs: [venv({ built: undefined, isThere: false, now: undefined })] })
    expect(unknown?.text).to.equal("The Python that v1.2.3's .venv was built with is gone.")
  })

  it('has a fault where its virtual environment leads to another Python', () => {
    const found = fault({ venvs: [venv({ now: '3.12' })] })
    expect(found).to.deep.equal({
      text: "v1.2.3's .venv was built with Python 3.11, and leads to Python 3.12 now.",
      isSure: true,
    })
    expect(found && withRemedy(found)).to.match(/ now\. Rebuild it: catalyst deploy repair$/)
  })

  it('has a sure fault only where BOT_COMMAND names what is broken', () => {
    const broken = venv({ isNamed: false, isThere: false })
    expect(fault({ venvs: [broken] })?.isSure).to.equal(false)
    expect(fault({ venvs: [broken, venv()] }), 'the bot uses another one').to.equal(undefined)
  })

  it('has a fault where node is not the one that its native modules were built for', () => {
    expect(fault({ node: node('115', '127') })).to.deep.equal({
      text: 'The native modules of v1.2.3 were built for another node: for ABI 115, and v22.3.0 has ABI 127.',
      isSure: true,
    })
  })
})
