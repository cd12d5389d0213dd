import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '#core/config/load.js'
import { homePaths } from '#core/home/home-paths.js'
import type { User } from '#core/platform/process/users.js'
import { launchd } from '#core/service/launchd/launchd.js'
import type { Role, ServiceManager } from '#core/service/manager.js'
import { nssm } from '#core/service/nssm/nssm.js'
import { dryRun, planAll } from '#core/service/operations/install-all.js'
import { Services } from '#core/service/services.js'
import { systemd } from '#core/service/systemd/systemd.js'
import { sharedConfig } from '#core/watchdog/shared/shared-config.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { expectGolden } from '../../../support/golden.js'
import { tempFolder } from '../../../support/temp.js'

const ANN: User = { uid: 501, gid: 501, name: 'ann', folder: '/Users/ann' }
const ROOT: User = { uid: 0, gid: 0, name: 'root', folder: '/root' }
const SID = 'S-1-5-21-1-2-3-1001'
const tools = { reg: 'reg.exe', sc: 'sc.exe', icacls: 'icacls.exe' }

const onPosix = process.platform === 'win32' ? () => {} : it // paths are written as here

/**
 * What `service install --with-watchdog --dry-run` prints where nothing is installed yet; with `isShared` what
 * `watchdog install --all --dry-run` does.
 */
async function steps(managerFor: (home: string) => ServiceManager, isShared = false): Promise<string> {
  const home = isShared ? join(tempFolder(), 'catalyst', 'shared-watchdog') : tempFolder()
  mkdirSync(home, { recursive: true })
  const runtime = {
    node: join(home, 'usr', 'node'),
    cli: join(home, 'usr', 'catalyst'),
    nodeVersion: 'v20.20.2',
    warnings: [],
  }
  mkdirSync(join(home, 'usr'))
  for (const file of [runtime.node, runtime.cli]) writeFileSync(file, '')
  const nothing = async () => undefined
  const manager: ServiceManager = { ...managerFor(home), check: nothing, find: nothing, read: nothing }
  const config = isShared ? sharedConfig(homePaths(home), {}, 45) : readConfig(home, {})
  const services = new Services({ clock: new FakeClock(), paths: homePaths(home), config, manager })
  const account = manager.kind !== 'nssm' && manager.scope === 'system' ? 'ann' : undefined
  const roles: Role[] = isShared ? ['watchdog'] : ['bot', 'watchdog']
  const plans = await planAll(services, roles, { runtime, name: undefined, account })
  const text = `${(await dryRun(services, plans, true)).join('\n')}\n`
  // the program's own paths first: they are below the home here
  return text
    .replaceAll(join(home, 'usr'), '/usr/bin')
    .replaceAll(home, isShared ? '/cfg/catalyst/shared-watchdog' : '/srv/bot')
    .replaceAll(home.replaceAll('/', '\\'), '\\srv\\bot')
}

describe('what an installation would do, by the dry run', () => {
  const managers: Record<string, (home: string) => ServiceManager> = {
    systemd: (home) => systemd({ scope: 'system', home, user: ROOT }),
    'systemd-user': (home) => systemd({ scope: 'user', home, user: ANN }),
    'launchd-daemon': (home) => launchd({ scope: 'system', home, user: ROOT }),
    'launchd-agent': (home) => launchd({ scope: 'user', home, user: ANN }),
    nssm: (home) => nssm({ home, program: 'C:\\nssm\\nssm.exe', elevated: true, userSid: SID, programs: tools }),
  }
  for (const [name, managerFor] of Object.entries(managers)) {
    onPosix(`is as in the golden file: ${name}`, async () => {
      expectGolden(`service/dry-run-${name}.txt`, await steps(managerFor))
      expectGolden(`service/dry-run-shared-${name}.txt`, await steps(managerFor, true))
    })
  }
})
