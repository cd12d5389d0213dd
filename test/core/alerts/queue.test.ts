import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import pino from 'pino'
import { openAlertQueue } from '#core/alerts/queue.js'
import { readConfig } from '#core/config/load.js'
import { homePaths } from '#core/home/home-paths.js'
import { ChatServer } from '../../support/alerts/chat-server.js'
import { anAlert } from '../../support/builders/alert.js'
import { FakeClock } from '../../support/fake-clock.js'
import { tempFolder } from '../../support/temp.js'

const SECOND = 1000

describe('the queue of alerts of a watchdog', () => {
  const { openSync } = fs
  afterEach(() => {
    fs.openSync = openSync
  })

  it('reads its settings only where they have changed, however many alerts wait', async () => {
    const clock = new FakeClock()
    const paths = homePaths(tempFolder())
    const env = (url: string) => `ALERT_CHANNELS=slack\nALERT_SLACK_WEBHOOK=${url}\n`
    fs.writeFileSync(paths.env, env('http://127.0.0.1:1/'))
    const { settings } = readConfig(paths.home, {})
    const log = pino({ enabled: false })
    const queue = openAlertQueue(clock, { paths, settings, messages: {}, redact: (text) => text, log })
    let reads = 0
    fs.openSync = (path, ...more) => {
      if (path === paths.env) reads++
      return openSync(path, ...more)
    }
    for (let index = 0; index < 20; index++) queue.show(`a${index}`, anAlert())
    await clock.turn(20 * SECOND)
    expect(reads).to.equal(1)
    const chat = await new ChatServer().open()
    fs.writeFileSync(paths.env, env(`${chat.url}/hook`))
    fs.utimesSync(paths.env, 1_800_000_000, 1_800_000_000)
    await clock.turn(60 * SECOND)
    expect(chat.received).to.have.length(20)
    expect(reads).to.equal(2)
    expect(fs.readdirSync(join(paths.alerts, 'slack'))).to.deep.equal(['deliveries.json'])
    const closing = queue.close()
    await clock.turn(2 * SECOND)
    await closing
    await chat.close()
  })
})
