import { expect } from 'chai'
import { isOpenByList } from '#core/platform/windows/access.js'

/** An access list as Windows writes it, and whether anybody can read by it. */
const LISTS: readonly (readonly [string, string, boolean])[] = [
  ['its owner, administrators and the system', 'O:BAG:SYD:PAI(A;;FA;;;OW)(A;;FA;;;SY)(A;;FA;;;BA)', false],
  ['all users, inherited', 'O:BAD:AI(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)', true],
  ['everybody, in full', 'D:(A;;FA;;;WD)', true],
  ['all who have logged in, to change it', 'D:(A;OICIID;0x1301bf;;;AU)', true],
  ['everybody, by the id', 'D:(A;;FR;;;S-1-1-0)', true],
  ['all users, to write alone', 'D:(A;;0x100116;;;BU)', false],
  ['all users, denied', 'D:(D;;FA;;;BU)(A;;FA;;;BA)', false],
  ['one user', 'D:(A;;FA;;;S-1-5-21-1-2-3-1001)', false],
  ['anybody, since there is no list', 'D:NO_ACCESS_CONTROL', true],
  ['nobody, since nothing is known', '', false],
]

describe('an access list of Windows', () => {
  for (const [who, list, isOpen] of LISTS)
    it(`that lets in ${who} is ${isOpen ? 'open' : 'closed'}`, () => {
      expect(isOpenByList(list)).to.equal(isOpen)
    })
})
