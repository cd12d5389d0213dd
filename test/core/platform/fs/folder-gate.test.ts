import { join } from 'node:path'
import { expect } from 'chai'
import { FolderGate, type FolderState } from '#core/platform/fs/folder-gate.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

/** A disk whose answers the test gives. */
class Disk {
  asked = 0
  isHanging = false
  isThere = true
  readonly #waiting: (() => void)[] = []

  readonly ask = async (): Promise<boolean> => {
    this.asked++
    if (this.isHanging) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return this.isThere
  }

  answer(): void {
    this.isHanging = false
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

describe('the gate before a folder', () => {
  afterEach(removeTempFolders)

  function aGate(disk = new Disk()) {
    const clock = new FakeClock()
    const states: FolderState[] = []
    const gate = new FolderGate(clock, ['/x'], (state) => states.push(state), disk.ask)
    let isFree = false
    const free = () => {
      isFree = true
    }
    return { disk, clock, gate, states, free, own: gate.clock(() => isFree) }
  }

  it('lets timers pass at their time while the disk answers, and asks it twice a second at most', async () => {
    const { own, clock, disk } = aGate()
    let ran = 0
    for (let ms = 100; ms <= 2000; ms += 100) own.after(ms, () => ran++)
    await clock.turn(1000)
    expect(ran).to.equal(10)
    await clock.turn(1000)
    expect(ran).to.equal(20)
    expect(disk.asked).to.be.within(3, 5)
  })

  it('holds timers back while the disk gives no answer, and lets them pass once it does', async () => {
    const { own, clock, disk, states } = aGate()
    disk.isHanging = true
    let ran = 0
    own.after(100, () => ran++)
    const cancel = own.after(100, () => ran++)
    await clock.turn(60_000)
    expect(ran).to.equal(0)
    expect(disk.asked, 'one question waits, whoever asks').to.equal(1)
    expect(states).to.deep.equal(['silent'])
    cancel()
    disk.answer()
    await clock.turn(1000)
    expect(ran).to.equal(1)
    expect(states).to.deep.equal(['silent', 'there'])
  })

  it('holds timers back while the folder is gone, but not what is done to close it', async () => {
    const { own, clock, disk, states, free } = aGate()
    disk.isThere = false
    let ran = 0
    own.after(100, () => ran++)
    await clock.turn(5000)
    expect(ran).to.equal(0)
    expect(states).to.deep.equal(['gone'])
    free()
    await clock.turn(1000)
    expect(ran).to.equal(1)
  })

  it('tells a folder from none, and takes what may not be entered for one that is there', async () => {
    const states: FolderState[] = []
    const clock = new FakeClock()
    const folder = tempFolder()
    const none = join(folder, 'none')
    for (const marks of [[folder], [none, folder], [none], [join('/dev/null', 'none')]])
      await clock.turnUntil(new FolderGate(clock, marks, (state) => states.push(state)).answered())
    const refuse = () => Promise.reject(new Error('EACCES'))
    await new FolderGate(clock, [folder], (state) => states.push(state), refuse).answered()
    expect(states).to.deep.equal(['there', 'there', 'gone', 'gone', 'there'])
  })

  it('takes a folder for gone once it is twice', async () => {
    const { disk, clock, gate, states } = aGate()
    disk.isThere = false
    const answered = gate.answered()
    await clock.turn(250)
    disk.isThere = true
    await clock.turnUntil(answered)
    expect(states).to.deep.equal(['there'])
    disk.isThere = false
    await clock.turnUntil(gate.answered())
    expect(states).to.deep.equal(['there', 'gone'])
  })
})
