import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { RESTIC_VARIABLE } from '#core/backup/restic/run-restic.js'
import { runBackup } from '#core/backup/run-backup.js'
import { pidsWithEnvironment } from '#core/platform/process/signals.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { isAlive } from '../support/e2e/still-running.js'
import { until } from '../support/e2e/until.js'
import { removeTempFolders } from '../support/temp.js'
import { backUp, homeToBackUp, write } from './support/backed-up-home.js'

/** A restic that writes its pid into the home, and takes its time for all; on Ctrl-C it needs a moment to end. */
const SLOW = `#!/bin/sh
[ "$1" = version ] && { echo "restic 0.14.0 compiled"; exit; }
trap 'sleep 0.3; exit 130' INT
echo $$ > slow.pid
while :; do sleep 0.05; done
`

describe('no restic outlives the command that has started it', () => {
  const { home: newHome } = endToEnd()
  afterEach(removeTempFolders)

  for (const [command, signal] of [
    [['backup', 'list'], 'SIGINT'],
    [['backup', 'run'], 'SIGTERM'],
    [['backup', 'check'], 'SIGTERM'],
    [['backup', 'restore', '--yes'], 'SIGINT'],
  ] as const)
    it(`where ${signal} ends ${command.join(' ')}`, async () => {
      const home = newHome({ BACKUP_REPOSITORY: '/nowhere', BACKUP_PASSWORD: 'x', BACKUP_RESTIC: 'slow' })
      home.write('slow', SLOW)
      fs.chmodSync(home.path('slow'), 0o755)
      const catalyst = home.inForeground(command)
      const pid = Number(await until(() => home.read('slow.pid').trim()))
      catalyst.kill(signal)
      const { code, stderr } = await catalyst.result()
      expect(isAlive(pid)).to.equal(false)
      expect(stderr).to.include('was cancelled')
      expect(code).to.equal(1)
    })

  it('where an error is thrown in the middle of a backup', async () => {
    const home = homeToBackUp()
    await backUp(home)
    write(home, 'data/large', crypto.getRandomValues(new Uint8Array(65_536)).toString().repeat(100))
    const onProgress = () => {
      throw new Error('nobody reads it any more')
    }
    const error = await runBackup(home, { say() {}, onProgress }).catch((thrown) => thrown)
    expect(error.message).to.equal('nobody reads it any more')
    expect(pidsWithEnvironment(RESTIC_VARIABLE, home.paths.home)).to.deep.equal([])
    expect(fs.readdirSync(join(home.settings.BACKUP_REPOSITORY as string, 'locks'))).to.deep.equal([])
  })
})
