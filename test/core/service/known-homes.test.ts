import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { currentUser } from '#core/platform/process/users.js'
import { knownHomes } from '#core/service/known-homes.js'
import { launchdPlist } from '#core/service/launchd/launchd-plist.js'
import { systemdUnit } from '#core/service/systemd/systemd-unit.js'
import { aServiceSpec } from '../../support/builders/service-spec.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

describe('the homes with a service', () => {
  afterEach(removeTempFolders)

  it('are read from the units of systemd, each once, whatever else lies there', () => {
    const [machine, user] = [tempFolder(), tempFolder()]
    const unit = (role: 'bot' | 'watchdog', home: string) => systemdUnit(aServiceSpec({ role, home }), 'system')
    writeFileSync(join(machine, 'news.service'), unit('bot', '/srv/news'))
    writeFileSync(join(machine, 'news-watchdog.service'), unit('watchdog', '/srv/news'))
    writeFileSync(join(machine, 'ssh.service'), '[Service]\nExecStart=/bin/true\n')
    mkdirSync(join(machine, 'folder.service'))
    symlinkSync('/dev/zero', join(machine, 'endless.service'))
    writeFileSync(join(user, 'mine.service'), unit('bot', '/home/ann/mine'))
    const shared = '/home/ann/.config/catalyst/shared-watchdog' // which is no home
    writeFileSync(join(user, 'catalyst-watchdog.service'), unit('watchdog', shared))
    expect(knownHomes(currentUser(), 'linux', [machine, user, join(user, 'missing')])).to.deep.equal([
      { name: 'news', home: '/srv/news' },
      { name: 'mine', home: '/home/ann/mine' },
    ])
  })

  it('are read from the property lists of launchd', () => {
    const folder = tempFolder()
    const text = launchdPlist(aServiceSpec({ name: 'news', home: '/Users/ann/news' }), 'user')
    writeFileSync(join(folder, 'catalyst.news.plist'), text)
    writeFileSync(join(folder, 'com.example.plist'), text)
    expect(knownHomes(currentUser(), 'darwin', [folder])).to.deep.equal([{ name: 'news', home: '/Users/ann/news' }])
  })
})
