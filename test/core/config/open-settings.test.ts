import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openSettings } from '#core/config/open-settings.js'
import { isOpenToAll } from '#core/platform/fs/permissions.js'
import { tempFolder } from '../../support/temp.js'

const onPosix = process.platform === 'win32' ? describe.skip : describe

onPosix('settings that every user of the machine can read', () => {
  function homeWith(text: string, mode: number, folderMode = 0o755): string {
    const above = tempFolder()
    const home = join(above, "ann's bot")
    mkdirSync(home)
    writeFileSync(join(home, '.env'), text)
    chmodSync(join(home, '.env'), mode)
    chmodSync(above, 0o755)
    chmodSync(home, folderMode)
    return home
  }

  it('warn once, with the command to type, if they hold a secret', () => {
    const home = homeWith('BOT_NAME=News\nMY_API_KEY=abc\nHEALTH_TOKEN=def\n', 0o644)
    const path = join(home, '.env')
    expect(openSettings(home)).to.deep.equal([
      `every user of this machine can read the secrets in ${path}. Close it: chmod 600 '${path.replace("'", "'\\''")}'`,
    ])
  })

  for (const [what, text, mode, folderMode] of [
    ['are no fault without a secret', 'BOT_NAME=News\nHEALTH_TOKEN=\n', 0o644, 0o755],
    ['are not those that only the owner may read', 'MY_API_KEY=abc\n', 0o600, 0o755],
    ['are not those that a group may read, since somebody wanted that', 'MY_API_KEY=abc\n', 0o640, 0o755],
    ['are not those in a folder that nobody else may enter', 'MY_API_KEY=abc\n', 0o644, 0o700],
  ] as const) {
    it(what, () => {
      expect(openSettings(homeWith(text, mode, folderMode))).to.deep.equal([])
    })
  }

  it('never warn without a file, or on Windows', () => {
    expect(openSettings(tempFolder())).to.deep.equal([])
    expect(isOpenToAll(join(homeWith('A_KEY=abc\n', 0o644), '.env'), 'win32')).to.equal(false)
  })
})
