import { expect } from 'chai'
import { readConfig } from '#core/config/load.js'
import { askHealth } from '#core/health/client.js'
import { homePaths } from '#core/home/home-paths.js'
import { writeJson } from '#core/platform/fs/json-file.js'
import { type IncomingMessage, type Listener, serve } from '#core/platform/net/http.js'
import { aBotFile } from '../../support/builders/bot-file.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

describe('the client that asks a bot for its health', () => {
  const listeners: Listener[] = []

  afterEach(async () => {
    removeTempFolders()
    for (const listener of listeners.splice(0)) await listener.close()
  })

  /** A server that notes what it is asked, and answers with this code as this instance. */
  async function server(code: number, status: string, instance = 'ours') {
    const asked: IncomingMessage[] = []
    const listener = await serve({ host: '127.0.0.1', port: 0 }, (request, response) => {
      asked.push(request)
      response.writeHead(code, { 'Catalyst-Instance': instance }).end(JSON.stringify({ status, reasons: [] }))
    })
    listeners.push(listener)
    return { port: listener.port, control: `http://127.0.0.1:${listener.port}/secret`, asked }
  }

  function ask(bot: { control?: string; endpoint?: { host: string; port: number } }, env: Record<string, string> = {}) {
    const paths = homePaths(tempFolder())
    writeJson(paths.bot, aBotFile({ instance: 'ours', ...bot }))
    return askHealth(paths, readConfig(paths.home, { HEALTH_TOKEN: 'open-sesame', ...env }).settings)
  }

  it('asks at its control address and nowhere else, and sends no token there', async () => {
    const [own, open] = [await server(200, 'degraded'), await server(200, 'healthy')]
    const health = await ask({ control: own.control, endpoint: { host: '127.0.0.1', port: open.port } })
    expect(health.status).to.equal('degraded')
    expect(own.asked.map(({ url, headers }) => [url, headers.authorization])).to.deep.equal([
      ['/secret/health', undefined],
    ])
    expect(open.asked).to.have.length(0)
  })

  it('asks a bot of an older version at its endpoint, with the token', async () => {
    const [own, open] = [await server(404, ''), await server(200, 'healthy')]
    const endpoint = { host: '127.0.0.1', port: open.port }
    for (const bot of [{ control: own.control, endpoint }, { endpoint }])
      expect((await ask(bot)).status).to.equal('healthy')
    expect(open.asked.map(({ url, headers }) => [url, headers.authorization])).to.deep.equal([
      ['/health/detailed', 'Bearer open-sesame'],
      ['/health/detailed', 'Bearer open-sesame'],
    ])
  })

  it("accepts no other bot's answer", async () => {
    const own = await server(200, 'healthy', 'theirs')
    const { status, reasons } = await ask({ control: own.control })
    expect(status).to.equal('unreachable')
    expect(reasons[0]).to.match(/^port \d+ is held by .*, not by this home's bot/)
  })

  it('never goes to a control address that is not on this machine', async () => {
    const open = await server(200, 'healthy')
    const endpoint = { host: '127.0.0.1', port: open.port }
    for (const control of ['http://127.0.0.1:1@example.invalid/secret', 'https://example.invalid/secret'])
      expect((await ask({ control, endpoint })).status).to.equal('healthy')
  })

  it('says that the endpoint is switched off, whatever the health of the bot', async () => {
    const own = await server(200, 'healthy')
    const { status, reasons } = await ask({ control: own.control }, { HEALTH_CHECK_ENABLED: '0' })
    expect(status).to.equal('unknown')
    expect(reasons[0]).to.contain('switched off')
    expect(own.asked).to.have.length(0)
  })

  it('says that a bot which listens nowhere yet is starting', async () => {
    expect((await ask({}, { HEALTH_CHECK_PORT: '0' })).status).to.equal('starting')
    expect((await ask({}, { HEALTH_CHECK_PORT: '1' })).status).to.equal('starting')
  })

  it('finds a bot that could not write down where it listens by the settings', async () => {
    const open = await server(200, 'degraded')
    expect((await ask({}, { HEALTH_CHECK_PORT: String(open.port) })).status).to.equal('degraded')
    const theirs = await server(200, 'healthy', 'theirs')
    expect((await ask({}, { HEALTH_CHECK_PORT: String(theirs.port) })).status).to.equal('starting')
    expect(theirs.asked.map(({ headers }) => headers.authorization)).to.deep.equal([undefined])
  })
})
