import { expect } from 'chai'
import { frameworkOf } from '#core/init/framework.js'
import { proposedProof, telegramTokenIn } from '#core/init/proposed-proof.js'
import { aBotFolder } from '../../support/builders/bot-files.js'

const node = (name: string, more: Record<string, string> = {}) => ({
  'package.json': JSON.stringify({ dependencies: { [name]: '^1' } }),
  ...more,
})
const TOKEN = '123456:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghi'

describe('the proof that is proposed', () => {
  const propose = (
    files: Record<string, string>,
    words: string[] = ['node', 'bot.js'],
    facts: Partial<Parameters<typeof proposedProof>[3]> = {},
  ) => {
    const folder = aBotFolder(files)
    const known = { seesConnections: true, telegramToken: undefined, port: undefined, ...facts }
    const { proof, settings } = proposedProof(frameworkOf(folder, words), folder, words, known)
    return { proof, settings }
  }

  for (const name of ['discord.js', 'ws', 'irc-framework', 'matrix-js-sdk', 'tmi.js'])
    it(`of ${name} is what comes on its connections`, () => {
      expect(propose(node(name))).to.deep.equal({ proof: 'network', settings: {} })
    })

  for (const line of ['discord.py==2.4', 'py_cord>=2', 'Nextcord', 'limnoria', 'matrix-nio[e2e]'])
    it(`of ${line} in requirements.txt is what comes on its connections`, () => {
      expect(propose({ 'requirements.txt': `# bots\n${line}\n` }).proof).to.equal('network')
    })

  for (const name of ['telegraf', 'grammy', 'node-telegram-bot-api'])
    it(`of ${name} is that its updates are fetched, where the token is known`, () => {
      expect(propose(node(name)).proof).to.equal('network')
      expect(propose(node(name), undefined, { telegramToken: TOKEN })).to.deep.equal({
        proof: 'telegram,network',
        settings: { BOT_TELEGRAM_TOKEN: TOKEN },
      })
    })

  it('of a Telegram bot in Python is the same, by pyproject.toml', () => {
    const files = { 'pyproject.toml': '[project]\ndependencies = [\n  "aiogram>=3",\n]\n' }
    expect(propose(files, [], { telegramToken: TOKEN }).proof).to.equal('telegram,network')
  })

  it('is no network where the kernel can not be asked for connections', () => {
    expect(propose(node('discord.js'), undefined, { seesConnections: false }).proof).to.equal('auto')
    expect(propose(node('telegraf'), undefined, { seesConnections: false, telegramToken: TOKEN }).proof).to.equal(
      'telegram',
    )
  })

  it('of Slack Bolt is its connection in socket mode only: else Slack calls it', () => {
    expect(propose(node('@slack/bolt', { 'bot.js': 'new App({ socketMode: true })' })).proof).to.equal('network')
    expect(propose(node('@slack/bolt', { 'bot.js': 'new App({})' })).proof).to.equal('auto')
  })

  it('of a web server is its own health address, where its port and that address are known', () => {
    const server = { 'bot.js': "app.get('/healthz', ok)\napp.listen(3000)" }
    expect(propose(node('express', server))).to.deep.equal({
      proof: 'url',
      settings: { BOT_HEALTH_URL: 'http://127.0.0.1:3000/healthz' },
    })
    expect(propose(node('express', { 'bot.js': 'app.listen(3000)' })).proof).to.equal('auto')
    expect(propose(node('express', server), undefined, { port: '4000' }).settings.BOT_HEALTH_URL).to.contain(':4000/')
  })

  it('of a chat bot with a web server beside it is that of the chat', () => {
    const files = { 'package.json': JSON.stringify({ dependencies: { express: '4', 'discord.js': '14' } }) }
    expect(propose(files).proof).to.equal('network')
  })

  it('of a program that reports is its reports, and of an unknown one its process', () => {
    expect(propose({ 'bot.js': 'fetch(process.env.CATALYST_REPORT_URL)' }).proof).to.equal('report')
    expect(propose({}).proof).to.equal('auto')
  })

  it('finds a Telegram token under any name', () => {
    expect(telegramTokenIn({ A: 'x', MY_BOT: TOKEN })).to.equal(TOKEN)
    expect(telegramTokenIn({ TIME: '12:30' })).to.equal(undefined)
  })
})
