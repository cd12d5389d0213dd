import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import type { Alert } from '#core/alerts/alert.js'
import type { Channel, Delivery, Outcome } from '#core/alerts/channels/channel.js'
import { newsText } from '#core/alerts/news-text.js'
import { AlertSenders } from '#core/alerts/senders.js'
import { alertsStatus } from '#core/alerts/status.js'
import { AlertStore } from '#core/alerts/store.js'
import type { ChannelName } from '#core/config/alerts/channel-names.js'
import { homePaths } from '#core/home/home-paths.js'
import { anAlert } from '../../support/builders/alert.js'
import { FakeClock } from '../../support/fake-clock.js'
import { fillDisk } from '../../support/full-disk.js'
import { tempFolder } from '../../support/temp.js'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** A channel that records the titles it was given, and has the outcome it is told. */
class FakeChannel implements Channel {
  readonly titles: string[] = []
  outcome: Outcome = { kind: 'sent', message: '1' }

  async deliver({ alert, sent }: Delivery): Promise<Outcome> {
    this.titles.push(`${sent === undefined ? 'new' : 'edit'} ${alert.title}`)
    return this.outcome
  }
}

const alert = (title: string, changes: Partial<Alert> = {}) => anAlert({ title, ...changes })

describe('the senders of alerts', () => {
  const ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })

  /** A home's senders, each `begin` a process of its own, as far as files tell. */
  function newHome(...names: ChannelName[]) {
    const clock = new FakeClock()
    const paths = homePaths(tempFolder())
    const channels = Object.fromEntries(names.map((name) => [name, new FakeChannel()]))
    const set = { names }
    return {
      clock,
      paths,
      set,
      channels: channels as Record<ChannelName, FakeChannel>,
      files: () => fs.readdirSync(paths.alerts).filter((name) => name.endsWith('.json')),
      begin(messages: Record<string, string> = {}) {
        const news: string[] = []
        const senders = new AlertSenders(clock, {
          folder: paths.alerts,
          channels: () => set.names,
          open(name) {
            const channel = channels[name]
            if (channel === undefined) throw new Error(`${name} is not set up`)
            return channel
          },
          redact: (text) => text,
          onNews: (one) => news.push(newsText(one, clock.now())),
        })
        const end = new AbortController()
        const running = senders.run(end.signal, { messages })
        const stop = async () => {
          end.abort()
          await clock.turn(0)
          await running
        }
        ends.push(stop)
        const add = (id: string, one: Alert) => {
          senders.inbox.add(id, clock.now(), one)
          senders.wake()
        }
        return { senders, news, add, stop }
      },
    }
  }

  it('send each alert to every channel, in the order in which they were made', async () => {
    const { clock, channels, files, begin } = newHome('telegram', 'email')
    const { add } = begin()
    for (const title of ['a', 'b', 'c']) add(title, alert(title))
    await clock.turn(SECOND)
    for (const name of ['telegram', 'email'] as const)
      expect(channels[name].titles, name).to.deep.equal(['new a', 'new b', 'new c'])
    expect(files()).to.deep.equal([])
  })

  it('let a dead channel delay no other, and name it', async () => {
    const { clock, paths, channels, begin } = newHome('slack', 'ntfy')
    channels.slack.outcome = { kind: 'failed', why: 'HTTP 500' }
    const { add, news } = begin()
    add('a', alert('detected'))
    await clock.turn(SECOND)
    add('a', alert('recovered'))
    await clock.turn(SECOND)
    expect(channels.ntfy.titles).to.deep.equal(['new detected', 'edit recovered'])
    expect(news).to.have.length(1)
    expect(news[0]).to.match(/^the alert "detected" could not be sent to slack: HTTP 500;/)
    const status = alertsStatus(paths, clock.now())
    expect(status?.waiting.map(({ channel, title, why }) => [channel, title, why])).to.deep.equal([
      ['slack', 'recovered', 'HTTP 500'],
    ])
    channels.slack.outcome = { kind: 'sent', message: '1' }
    await clock.turn(10 * SECOND)
    expect(channels.slack.titles.at(-1)).to.equal('new recovered')
    expect(alertsStatus(paths, clock.now())?.waiting).to.deep.equal([])
  })

  it('pause the channel that limits them, and no other', async () => {
    const { clock, channels, begin } = newHome('discord', 'webhook')
    channels.discord.outcome = { kind: 'limited', retryMs: 600 * SECOND }
    const { add } = begin()
    add('a', alert('a'))
    add('b', alert('b'))
    await clock.turn(599 * SECOND)
    expect(channels.discord.titles).to.have.length(1)
    expect(channels.webhook.titles).to.deep.equal(['new a', 'new b'])
  })

  it('lose none where they are killed between two channels, and replace the same text where it came twice', async () => {
    const { clock, paths, channels, begin } = newHome('telegram', 'email')
    new AlertStore(paths.alerts).add('a', clock.now(), alert('detected'))
    const [file] = fs.readdirSync(paths.alerts)
    const text = fs.readFileSync(join(paths.alerts, String(file)))
    const first = begin()
    await clock.turn(SECOND)
    await first.stop()
    fs.writeFileSync(join(paths.alerts, String(file)), text) // as if it had died right before the removal
    begin()
    await clock.turn(SECOND)
    expect(channels.telegram.titles).to.deep.equal(['new detected', 'edit detected'])
    expect(channels.email.titles).to.deep.equal(['new detected', 'edit detected'])
  })

  it('send an older text of an alert never after a newer one, also across processes', async () => {
    const { clock, channels, begin } = newHome('telegram')
    channels.telegram.outcome = { kind: 'failed', why: 'HTTP 500' }
    const first = begin()
    for (const id of ['x', 'y', 'z']) first.add(id, alert(id))
    first.add('a', alert('detected'))
    await clock.turn(SECOND)
    await first.stop()
    channels.telegram.titles.length = 0
    channels.telegram.outcome = { kind: 'sent', message: '1' }
    const second = begin()
    second.add('a', alert('recovered'))
    await clock.turn(10 * SECOND)
    expect(channels.telegram.titles.filter((title) => !/ [xyz]$/.test(title))).to.deep.equal(['new recovered'])
  })

  it('read what a version wrote that knew only Discord, and go on where it stopped', async () => {
    const { clock, paths, channels, begin } = newHome('discord', 'telegram')
    const failure = { since: clock.now() - HOUR, tries: 3, why: 'HTTP 500', isTold: true }
    const lost = { id: 'c', title: 'lost', at: clock.now(), given_up_at: clock.now(), why: 'HTTP 404' }
    const old = new AlertStore(paths.alerts)
    const { about: _new, fields: _keyed, ...before } = alert('recovered')
    old.add('a', clock.now(), { ...before, fields: [{ name: 'n', value: 'v', as: 'words' }] })
    old.remember({ messages: { a: '4711' }, failures: { a: failure }, given_up: [lost], given_up_total: 1 })
    const status = alertsStatus(paths, clock.now())
    expect(status?.waiting[0]).to.include({ channel: 'discord', tries: 3 })
    expect(status?.given_up[0]).to.include({ channel: 'discord', title: 'lost' })
    const { news } = begin({ b: '4712' })
    await clock.turn(2 * SECOND)
    expect(channels.discord.titles).to.deep.equal(['edit recovered'])
    expect(channels.telegram.titles).to.deep.equal(['new recovered'])
    expect(news).to.deep.equal(['the alert "recovered" has gone out to discord, after 1 h'])
    expect(fs.existsSync(join(paths.alerts, 'deliveries.json'))).to.equal(false)
    const { messages, given_up, given_up_total } = new AlertStore(join(paths.alerts, 'discord')).deliveries()
    expect(messages).to.deep.equal({ a: '1', b: '4712' })
    expect(given_up).to.deep.equal([lost])
    expect(given_up_total).to.equal(1)
  })

  it('keep the old record where the disk is full, until the new one is written', async () => {
    const { clock, paths, begin } = newHome('discord')
    new AlertStore(paths.alerts).remember({ messages: { a: '4711' }, failures: {}, given_up: [], given_up_total: 0 })
    const free = fillDisk()
    const first = begin()
    await clock.turn(SECOND)
    await first.stop()
    free()
    expect(new AlertStore(paths.alerts).deliveries().messages).to.deep.equal({ a: '4711' })
    begin()
    await clock.turn(SECOND)
    expect(new AlertStore(join(paths.alerts, 'discord')).deliveries().messages).to.deep.equal({ a: '4711' })
  })

  it('send to all channels from memory while the disk is full, each text once', async () => {
    const { clock, paths, channels, files, begin } = newHome('telegram', 'ntfy')
    const free = fillDisk()
    const { add } = begin()
    add('a', alert('detected'))
    await clock.turn(SECOND)
    add('a', alert('recovered'))
    await clock.turn(SECOND)
    free()
    await clock.turn(5 * SECOND)
    for (const name of ['telegram', 'ntfy'] as const)
      expect(channels[name].titles, name).to.deep.equal(['new detected', 'edit recovered'])
    expect(files()).to.deep.equal([])
    expect(fs.readdirSync(join(paths.alerts, 'ntfy'))).to.deep.equal(['deliveries.json'])
  })

  it('go on with what waits for a channel that the settings leave out by now', async () => {
    const { clock, set, channels, begin } = newHome('slack', 'telegram')
    channels.slack.outcome = { kind: 'failed', why: 'HTTP 500' }
    const first = begin()
    first.add('a', alert('a'))
    await clock.turn(SECOND)
    await first.stop()
    set.names = ['telegram']
    channels.slack.outcome = { kind: 'sent', message: '1' }
    begin()
    await clock.turn(SECOND)
    expect(channels.slack.titles.at(-1)).to.equal('new a')
  })

  it('take a channel that is added while they run', async () => {
    const { clock, set, channels, begin } = newHome('slack', 'telegram')
    set.names = ['telegram']
    const { add } = begin()
    add('a', alert('a'))
    await clock.turn(SECOND)
    set.names = ['telegram', 'slack']
    add('b', alert('b'))
    await clock.turn(SECOND)
    expect(channels.slack.titles).to.deep.equal(['new b'])
    expect(channels.telegram.titles).to.deep.equal(['new a', 'new b'])
  })

  it('try a channel that is not set up until its settings are there, and say what it needs', async () => {
    const { clock, set, begin } = newHome('telegram')
    set.names = ['telegram', 'slack']
    const { add, news } = begin()
    add('a', alert('a'))
    await clock.turn(5 * SECOND)
    expect(news.join()).to.include('could not be sent to slack: slack is not set up')
  })

  it('send from memory while something else lies in the place of their folder, each text once', async () => {
    const { clock, paths, channels, begin } = newHome('telegram', 'email')
    fs.mkdirSync(dirname(paths.alerts), { recursive: true })
    fs.writeFileSync(paths.alerts, 'a file in its place')
    const { add, news } = begin()
    add('a', alert('a'))
    await clock.turn(5 * SECOND)
    add('a', alert('a2'))
    add('b', alert('b'))
    await clock.turn(5 * SECOND)
    for (const name of ['telegram', 'email'] as const)
      expect(channels[name].titles, name).to.deep.equal(['new a', 'edit a2', 'new b'])
    expect(news).to.have.length(3) // one for the folder, and one for that of each channel
    fs.rmSync(paths.alerts)
    add('c', alert('c'))
    await clock.turn(5 * SECOND)
    expect(channels.email.titles.at(-1)).to.equal('new c')
  })

  it('report a folder that they can not read once, and go on', async () => {
    const { clock, paths, channels, begin } = newHome('telegram')
    fs.mkdirSync(join(paths.alerts, '..'), { recursive: true })
    fs.writeFileSync(paths.alerts, 'a file in its place')
    const { senders, news } = begin()
    await clock.turn(5 * SECOND)
    expect(news).to.have.length(1)
    fs.rmSync(paths.alerts)
    senders.inbox.add('a', clock.now(), alert('a'))
    await clock.turn(2 * SECOND)
    expect(news.at(-1)).to.equal('alerts can be sent again')
    expect(channels.telegram.titles).to.deep.equal(['new a'])
  })

  it('hold a text back as long as its channel asks, and send a newer one in its place', async () => {
    const { clock, channels, begin } = newHome('email')
    Object.assign(channels.email, {
      heldUntil: ({ at, alert: { tone } }: Delivery) => (tone === 'good' ? at + 10 * MINUTE : at),
    })
    const { add } = begin()
    add('a', alert('recovered', { tone: 'good' }))
    await clock.turn(9 * MINUTE)
    add('a', alert('ended again'))
    await clock.turn(SECOND)
    expect(channels.email.titles).to.deep.equal(['new ended again'])
    add('a', alert('recovered', { tone: 'good' }))
    await clock.turn(9 * MINUTE)
    expect(channels.email.titles).to.have.length(1)
    await clock.turn(2 * MINUTE)
    expect(channels.email.titles.at(-1)).to.equal('edit recovered')
  })
})
