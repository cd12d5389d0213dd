import { expect } from 'chai'
import { elevatedByGroups, isElevated, userSid } from '#core/service/elevation.js'
import { tempFolder } from '../../support/temp.js'
import { type FakeAnswer, fakeProgram } from './fake-programs.js'

const level = (words: string, sid: string) => `${words}   Bezeichnung       ${sid}  Obligatorische Gruppe\r\n`
const HIGH = level('Verbindliche Beschriftung\\Hohe Verbindlichkeitsstufe', 'S-1-16-12288')
const MEDIUM = level('Mandatory Label\\Medium Mandatory Level', 'S-1-16-8192')
const GROUPS = 'BUILTIN\\Administratoren   Alias   S-1-5-32-544   Gruppe, nur für Verweigerung\r\n'

function programs(whoami: FakeAnswer, net: FakeAnswer) {
  const folder = tempFolder()
  const fakes = {
    whoami: fakeProgram(folder, 'whoami', { '*': whoami }),
    net: fakeProgram(folder, 'net', { '*': net }),
  }
  return { ...fakes, paths: { whoami: fakes.whoami.path, net: fakes.net.path } }
}

describe("whether a terminal has an administrator's rights", () => {
  for (const [what, output, told] of [
    ['a high level', GROUPS + HIGH, true],
    ["a service's level", level('NT', 'S-1-16-16384'), true],
    ['a medium level, though the group is there', GROUPS + MEDIUM, false],
    ['a medium plus level', level('x', 'S-1-16-8448'), false],
    ['a low level', level('x', 'S-1-16-4096'), false],
    ['no level', GROUPS, undefined],
    ['a longer number', level('x', 'S-1-16-122880'), undefined],
    ['nothing', '', undefined],
  ] as const) {
    it(`is ${told} by ${what}`, () => {
      expect(elevatedByGroups(output)).to.equal(told)
    })
  }

  it('needs one query if the result is clear', async () => {
    const { paths, whoami, net } = programs({ out: HIGH, wide: true }, { exit: 0 })
    expect(await isElevated(paths)).to.equal(true)
    expect(whoami.calls()).to.deep.equal([['/groups']])
    expect(net.calls()).to.deep.equal([])
    expect(await isElevated(programs({ out: MEDIUM }, { exit: 0 }).paths)).to.equal(false)
  })

  it('has a second source, which can only confirm', async () => {
    expect(await isElevated(programs({ out: '' }, { exit: 0 }).paths)).to.equal(true)
    expect(await isElevated(programs({ exit: 1 }, { exit: 2 }).paths)).to.equal(undefined)
  })

  it('stays unknown if Windows lacks both programs', async () => {
    expect(await isElevated({ whoami: '/nowhere/whoami', net: '/nowhere/net' })).to.equal(undefined)
  })
})

describe('the user on Windows', () => {
  it('is identified by a SID', async () => {
    const out = 'USER INFORMATION\r\n\r\npc\\bj\u00f6rn s-1   S-1-5-21-11-22-33-1001\r\n'
    expect(await userSid(programs({ out }, {}).paths)).to.equal('S-1-5-21-11-22-33-1001')
    expect(await userSid(programs({ out: 'nt authority\\system S-1-5-18' }, {}).paths)).to.equal('S-1-5-18')
    const entra = 'S-1-12-1-1234567890-1234567890-123456789-1234567890'
    expect(await userSid(programs({ out: `azuread\\ann ${entra}` }, {}).paths)).to.equal(entra)
  })

  it('may stay unknown', async () => {
    expect(await userSid(programs({ out: 'VM\\root\r\n' }, {}).paths)).to.equal(undefined)
  })
})
