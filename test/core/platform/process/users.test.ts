import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { actingAs, currentUser } from '#core/platform/process/users.js'
import { tempFolder } from '../../../support/temp.js'

const NOBODY = { uid: 65_534, gid: 65_534, name: 'nobody', folder: '/' }
const byRoot = process.getuid?.() === 0 ? it : () => {} // only root can act as another

describe('acting as the owner of a home', () => {
  byRoot(
    "leaves nothing of root's rights, not even those of root's groups, and gives root its user and group back",
    () => {
      const folder = tempFolder()
      const secret = join(folder, 'secret')
      writeFileSync(secret, 'of the group root', { mode: 0o640 })
      mkdirSync(join(folder, 'open'))
      const before = [process.geteuid?.(), process.getegid?.(), process.getgroups?.()]
      process.setgroups?.([0, 4]) // as a login of root has them
      try {
        actingAs(NOBODY, () => {
          expect([process.geteuid?.(), process.getegid?.(), process.getgroups?.()]).to.deep.equal([
            65_534,
            65_534,
            [65_534],
          ])
          expect(() => readFileSync(secret)).to.throw('EACCES')
        })
      } finally {
        process.setgroups?.(before[2] as number[])
      }
      expect([process.geteuid?.(), process.getegid?.()]).to.deep.equal(before.slice(0, 2))
      expect(readFileSync(secret, 'utf8')).to.equal('of the group root')
    },
  )

  byRoot('sets the groups once, since each change interrupts all threads', () => {
    const { setgroups } = process
    const before = process.getgroups?.() ?? []
    let changes = 0
    process.setgroups = (groups) => {
      changes++
      setgroups?.(groups)
    }
    try {
      process.setgroups([0, 4])
      for (let time = 1; time <= 3; time++) actingAs(NOBODY, () => time)
    } finally {
      if (setgroups) process.setgroups = setgroups
      setgroups?.(before)
    }
    expect(changes).to.equal(2)
  })

  it('changes nothing for the owner, or for anybody but root', () => {
    expect(actingAs(currentUser(), () => 7)).to.equal(7)
  })
})
