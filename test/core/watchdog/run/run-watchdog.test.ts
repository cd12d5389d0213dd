import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { readConfig } from '#core/config/load.js'
import { homePaths } from '#core/home/home-paths.js'
import { realClock } from '#core/platform/clock.js'
import { runWatchdog } from '#core/watchdog/run/run-watchdog.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

const onPosix = process.platform === 'win32' ? () => {} : it // the fake systemd-notify is a shell script

describe('a watchdog that runs', () => {
  afterEach(removeTempFolders)

  onPosix('says that it is ready until systemd has heard it, which would else end it', async () => {
    const home = tempFolder()
    writeFileSync(join(home, '.env'), 'WATCHDOG_ENABLED=1\n')
    const told = join(home, 'told')
    const program = `#!/bin/sh\necho "$@" >> '${told}'\n[ $(grep -c READY '${told}') -gt 1 ]\n`
    writeFileSync(join(home, 'systemd-notify'), program, { mode: 0o755 })
    const { PATH, NOTIFY_SOCKET } = process.env
    Object.assign(process.env, { PATH: `${home}:${PATH}`, NOTIFY_SOCKET: '/run/x' })
    try {
      const running = runWatchdog(realClock, {
        paths: homePaths(home),
        config: readConfig(home, {}),
        services: async () => undefined,
        command: [process.execPath, '-e', ''],
        recover: async () => {},
        repair: async () => {},
        takeBack: async () => 'not due' as const,
        console: () => {},
      })
      const words = () => (existsSync(told) ? readFileSync(told, 'utf8').split('\n').filter(Boolean) : [])
      const isOver = () => words().length > 2 && words().filter((word) => word === 'READY=1').length > 1
      for (let look = 0; look < 100 && !isOver(); look++) await pause(50)
      process.emit('SIGTERM')
      await running
      expect(words().filter((word) => word === 'READY=1')).to.have.length(2)
      expect(words(), 'how its bot is').to.include('STATUS=the bot is starting: 3 of 3 restarts left')
    } finally {
      process.env.PATH = PATH
      if (NOTIFY_SOCKET === undefined) delete process.env.NOTIFY_SOCKET
      else process.env.NOTIFY_SOCKET = NOTIFY_SOCKET
    }
  })
})
