import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Home } from '#core/home/home.js'
import { failureOf } from '../support/failure.js'
import { removeTempFolders } from '../support/temp.js'
import { backUp, homeToBackUp, openHome, read, write } from './support/backed-up-home.js'

/** Returns a home whose restic is a script that notes each start in the file `starts`. */
function homeWithRestic(): Home {
  const home = homeToBackUp({ BACKUP_RESTIC: 'my-restic' })
  giveRestic(home, 'exec restic "$@"')
  return home
}

function giveRestic(home: Home, script: string): void {
  const path = join(home.paths.home, 'my-restic')
  fs.writeFileSync(path, `#!/bin/sh\necho "$1" >> '${join(home.paths.home, 'starts')}'\n${script}\n`, { mode: 0o755 })
}

const OLD =
  '[ "$1" = version ] && { echo "restic 0.9.6 compiled"; exit; }; echo "unknown flag: --files-from-raw" >&2; exit 1'

describe('a backup that follows another one', () => {
  afterEach(removeTempFolders)

  it('starts restic once, whose key takes it half a second each time', async () => {
    const home = homeWithRestic()
    await backUp(home)
    write(home, 'starts', '')
    expect(await backUp(openHome(home.paths.home), {})).to.include({ outcome: 'good' })
    expect(read(home, 'starts')).to.equal('backup\n')
  })

  it('tells that restic is gone by now, or too old', async () => {
    const home = homeWithRestic()
    await backUp(home)
    giveRestic(home, OLD)
    const old = await failureOf(backUp(home))
    expect(old).to.include({ code: 'RESTIC_MISSING' })
    expect(old.message).to.include('restic 0.9.6 is too old')
    fs.rmSync(join(home.paths.home, 'my-restic'))
    for (const creates of [true, false]) {
      const gone = await failureOf(backUp(home, { creates }))
      expect(gone).to.include({ code: 'RESTIC_MISSING' })
      expect(gone.message).to.include('(BACKUP_RESTIC)')
    }
  })
})
