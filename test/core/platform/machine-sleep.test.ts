import { expect } from 'chai'
import { sleepByPmset, sleepByPowercfg } from '#core/platform/machine-sleep.js'

const powercfg = (words: readonly [string, string], ac: string, dc: string) =>
  `
Power Scheme GUID: 381b4222-f694-41f0-9685-ff5bb260df2e  (Balanced)
  Subgroup GUID: 238c9fa8-0aad-41ed-83f4-97be242c8f20  (Sleep)
    Power Setting GUID: 29f6c1db-86da-48c5-9fdb-f2b67b1f44da  (Sleep after)
      Minimum Possible Setting: 0x00000000
      Maximum Possible Setting: 0xffffffff
      Possible Settings increment: 0x00000001
      Possible Settings units: Seconds
    ${words[0]}: 0x${ac}
    ${words[1]}: 0x${dc}
`.replaceAll('\n', '\r\n')

const ENGLISH = ['Current AC Power Setting Index', 'Current DC Power Setting Index'] as const
const GERMAN = ['Index der aktuellen Wechselstromeinstellung', 'Index der aktuellen Gleichstromeinstellung'] as const

describe('the sleep of a machine', () => {
  it('is read from pmset, in minutes', () => {
    expect(sleepByPmset(' standby              0\n sleep                10 (sleep prevented by x)\n')).to.equal(600_000)
    expect(sleepByPmset(' displaysleep         5\n sleep                0\n disksleep 10\n')).to.equal(0)
    expect(sleepByPmset('pmset: unknown')).to.equal(undefined)
  })

  it('is read from powercfg, in seconds on mains power and in any language', () => {
    expect(sleepByPowercfg(powercfg(ENGLISH, '00000708', '00000384'))).to.equal(1_800_000)
    expect(sleepByPowercfg(powercfg(GERMAN, '00000000', '00000384'))).to.equal(0)
    expect(sleepByPowercfg('The power scheme, subgroup or setting specified does not exist.')).to.equal(undefined)
  })
})
