import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Alert } from '#core/alerts/alert.js'
import { discordChannel } from '#core/alerts/channels/discord.js'
import { newsText } from '#core/alerts/news-text.js'
import { AlertSender } from '#core/alerts/sender.js'
import { AlertStore } from '#core/alerts/store.js'
import { Discord, KEY } from '../../support/alerts/discord.js'
import { FakeClock } from '../../support/fake-clock.js'
import { fillDisk } from '../../support/full-disk.js'
import { tempFolder } from '../../support/temp.js'

const SECOND = 1000
const HOUR = 60 * 60 * SECOND

function alert(title: string, description = 'd'): Alert {
  return { title, description, tone: 'bad', fields: [], footer: 'f' }
}

describe('the sender of alerts', () => {
  const discords: Discord[] = []
  afterEach(async () => {
    for (const discord of discords.splice(0)) await discord.close()
  })

  /** A queue before a stand-in of Discord; each sender is a process of its own, as far as files tell. */
  async function newQueue() {
    const clock = new FakeClock()
    const folder = join(tempFolder(), 'alerts')
    const discord = await new Discord().open()
    discords.push(discord)
    const ends: (() => Promise<void>)[] = []
    return {
      clock,
      folder,
      discord,
      begin(webhook: () => string | undefined = () => discord.webhook) {
        const store = new AlertStore(folder)
        const news: string[] = []
        const redact = (text: string) => text.replaceAll(KEY, '[hidden]')
        const onNews: ConstructorParameters<typeof AlertSender>[1]['onNews'] = (one) =>
          news.push(newsText({ ...one, channel: 'discord' }, clock.now()))
        const sender = new AlertSender(clock, {
          store,
          channel() {
            const url = webhook()
            if (url === undefined) throw new Error('discord needs ADMIN_ALERT_WEBHOOK')
            return discordChannel(url)
          },
          redact,
          onNews,
        })
        const end = new AbortController()
        const running = sender.run(end.signal)
        const add = (id: string, one: Alert) => {
          store.add(id, clock.now(), one)
          sender.wake()
        }
        const stop = async () => {
          end.abort()
          await clock.turn(0)
          await running
        }
        ends.push(stop)
        return { store, news, add, stop }
      },
      async end() {
        for (const stop of ends) await stop()
      },
    }
  }

  it('lets a message that always fails hold up no other', async () => {
    const { clock, discord, begin, end } = await newQueue()
    discord.poison = 'first'
    const { add, news } = begin()
    add('a', alert('x: first'))
    add('b', alert('x: second'))
    await clock.turn(2 * SECOND)
    expect(discord.titles()).to.deep.equal([['second']])
    add('c', alert('x: third'))
    await clock.turn(SECOND)
    expect(discord.titles()).to.deep.equal([['second'], ['third']])
    expect(news).to.have.length(1)
    expect(news[0]).to.match(
      /^the alert "x: first" could not be sent to discord: HTTP 500; it is tried again until 2026-03-02 /,
    )
    await end()
  })

  it('gives up an alert of a day ago, reports it once, and remembers it for the status', async () => {
    const { clock, folder, discord, begin, end } = await newQueue()
    discord.poison = 'first'
    new AlertStore(folder).add('a', clock.now() - 24 * HOUR, alert('x: first'))
    const { news, store } = begin()
    await clock.turn(60 * SECOND)
    expect(news.map((text) => text.replace(/;.*/, ''))).to.deep.equal([
      'the alert "x: first" could not be sent to discord: HTTP 500',
      'the alert "x: first" to discord was given up after 5 tries: HTTP 500',
    ])
    expect(new AlertStore(folder).deliveries()).to.deep.include({ failures: {}, messages: {} })
    expect(new AlertStore(folder).deliveries().given_up).to.have.length(1)
    expect(new AlertStore(folder).deliveries().given_up_total).to.equal(1)
    expect(store.waiting()).to.deep.equal([])
    await end()
  })

  it('sends the alerts that an earlier process has left, and edits those it has sent', async () => {
    const { clock, discord, begin, end } = await newQueue()
    const first = begin()
    first.add('a', alert('x: detected'))
    await clock.turn(SECOND)
    discord.become('fails')
    first.add('a', alert('x: recovered'))
    first.add('b', alert('x: waits'))
    await clock.turn(SECOND)
    await first.stop()
    discord.become('takes')
    const second = begin()
    await clock.turn(2 * SECOND)
    expect(discord.titles()).to.deep.equal([['detected', 'recovered'], ['waits']])
    expect(second.store.waiting()).to.deep.equal([])
    await end()
  })

  it('sends only the newest text of an alert, and never an older one after it', async () => {
    const { clock, discord, begin, end } = await newQueue()
    discord.become('fails')
    const { add, news } = begin()
    for (const state of ['detected', 'restarting', 'needs_attention', 'recovered']) {
      add('a', alert(`x: ${state}`))
      await clock.turn(SECOND)
    }
    discord.become('takes')
    await clock.turn(10 * SECOND)
    expect(discord.titles()).to.deep.equal([['recovered']])
    expect(news.map((text) => text.replace(/;.*/, ''))).to.deep.equal([
      'the alert "x: detected" could not be sent to discord: HTTP 500',
      'the alert "x: recovered" has gone out to discord, after 7 s',
    ])
    await end()
  })

  it('sends an alert of another process within a second', async () => {
    const { clock, folder, discord, begin, end } = await newQueue()
    begin()
    await clock.turn(10 * SECOND)
    new AlertStore(folder).add('deployment-1', clock.now(), alert('x: done'))
    await clock.turn(SECOND)
    expect(discord.titles()).to.deep.equal([['done']])
    await end()
  })

  it('pauses for a rate limit, and reports a long one', async () => {
    const { clock, discord, begin, end } = await newQueue()
    discord.retryAfter = 600
    discord.become('limits')
    const { add, news } = begin()
    add('a', alert('x: first'))
    add('b', alert('x: second'))
    await clock.turn(599 * SECOND)
    expect(discord.asked).to.deep.equal(['POST limits'])
    expect(news.join()).to.include('too many messages, the next in 600 s')
    discord.become('takes')
    await clock.turn(2 * SECOND)
    expect(discord.titles().flat().sort()).to.deep.equal(['first', 'second'])
    await end()
  })

  it('sends from memory while the disk is full, each message once', async () => {
    const { clock, folder, discord, begin, end } = await newQueue()
    const free = fillDisk()
    const { add } = begin()
    add('a', alert('x: detected'))
    await clock.turn(SECOND)
    add('a', alert('x: recovered'))
    await clock.turn(SECOND)
    expect(discord.titles()).to.deep.equal([['detected', 'recovered']])
    free()
    await clock.turn(5 * SECOND)
    expect(discord.asked).to.deep.equal(['POST takes', 'PATCH takes'])
    await end()
    expect(fs.readdirSync(folder).filter((name) => name !== 'deliveries.json')).to.deep.equal([])
  })

  it('saves the id of a message before it removes the text, so that a crash in between sends no second one', async () => {
    const { clock, folder, discord, begin, end } = await newQueue()
    const { add, stop } = begin()
    add('a', alert('x: detected'))
    const [file] = fs.readdirSync(folder)
    const text = fs.readFileSync(join(folder, String(file)))
    await clock.turn(SECOND)
    await stop()
    fs.writeFileSync(join(folder, String(file)), text) // as if it had died right before the removal
    begin()
    await clock.turn(SECOND)
    expect(discord.titles()).to.deep.equal([['detected', 'detected']])
    await end()
  })

  it('shows no half of a secret where an answer that repeats it is cut', async () => {
    const { clock, folder, discord, end } = await newQueue()
    const news: string[] = []
    const store = new AlertStore(folder)
    const said = `${'x'.repeat(290)} ${KEY}\n\u001b[31m and more`
    const sender = new AlertSender(clock, {
      store,
      channel: () => ({ deliver: async () => ({ kind: 'failed', why: said }) }),
      redact: (text) => text.replaceAll(KEY, '[hidden]'),
      onNews: (one) => news.push(newsText({ ...one, channel: 'slack' }, clock.now())),
    })
    store.add('a', clock.now(), alert('x: first'))
    const stop = new AbortController()
    const running = sender.run(stop.signal)
    await clock.turn(SECOND)
    stop.abort()
    await clock.turn(0)
    await running
    const why = store.deliveries().failures.a?.why ?? ''
    expect(why).to.equal(`${'x'.repeat(290)} [hidden]…`)
    expect(news.join()).to.not.contain(KEY.slice(0, 5))
    expect(discord.asked).to.deep.equal([])
    await end()
  })

  it('waits while the webhook is missing in the settings, and goes on when it is there again', async () => {
    const { clock, discord, begin, end } = await newQueue()
    let webhook: string | undefined
    const { add, news } = begin(() => webhook)
    add('a', alert('x: first'))
    await clock.turn(SECOND)
    expect(news.join()).to.include('discord needs ADMIN_ALERT_WEBHOOK')
    webhook = 'no address'
    await clock.turn(2 * SECOND)
    webhook = discord.webhook
    await clock.turn(10 * SECOND)
    expect(discord.titles()).to.deep.equal([['first']])
    await end()
  })

  it('gives up the oldest alerts where more than fifty wait', async () => {
    const { clock, discord, begin, end } = await newQueue()
    discord.become('limits')
    discord.retryAfter = 3600
    const { add, store, news } = begin()
    for (let index = 0; index < 60; index++) add(`a${index}`, alert(`x: ${index}`))
    await clock.turn(SECOND)
    expect(store.waiting().map(({ id }) => id)).to.deep.equal(
      Array.from({ length: 50 }, (_, index) => `a${index + 10}`),
    )
    expect(news.filter((text) => text.includes('more than 50 alerts wait'))).to.have.length(10)
    await end()
  })

  it('survives a folder that it can not read, reports it once, and goes on', async () => {
    const { clock, folder, discord, begin, end } = await newQueue()
    const { add, news } = begin()
    fs.writeFileSync(folder, 'a file in its place')
    await clock.turn(5 * SECOND)
    expect(news).to.have.length(1)
    fs.rmSync(folder)
    add('a', alert('x: first'))
    await clock.turn(2 * SECOND)
    expect(news.at(-1)).to.equal('alerts can be sent to discord again')
    expect(discord.titles()).to.deep.equal([['first']])
    await end()
  })
})
