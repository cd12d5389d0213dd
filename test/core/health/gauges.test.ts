import { expect } from 'chai'
import { readConfig } from '#core/config/load.js'
import { parseGpus } from '#core/health/gauges.js'
import { featuresOf, probe, servicesOf } from '#core/health/services.js'
import { type Listener, serve } from '#core/system/http.js'

describe('the slow figures', () => {
  it("are read from nvidia-smi's lines, several GPUs put together", () => {
    expect(parseGpus('35, 384, 8192, 61\n')).to.deep.equal({
      utilizationPercent: 35,
      vramUsedMb: 384,
      vramTotalMb: 8192,
      temperatureCelsius: 61,
    })
    expect(parseGpus('5, 100, 8000, 40\r\n90, 200, 8000, 70\r\n')).to.deep.equal({
      utilizationPercent: 90,
      vramUsedMb: 300,
      vramTotalMb: 16_000,
      temperatureCelsius: 70,
    })
    for (const text of ['', 'No devices were found\n', '[N/A], 1, 2, 3\n', '1, 2\n'])
      expect(parseGpus(text), text).to.equal(undefined)
  })

  it('name the services by the keys that are set, or as HEALTH_SERVICES says', () => {
    const names = (env: Record<string, string>) =>
      servicesOf(readConfig('/nowhere', env).settings).map(({ name }) => name)
    expect(names({})).to.deep.equal([])
    expect(
      names({
        TIINGO_API_KEY: 'k',
        FINNHUB_API_KEY: 'k',
        OLLAMA_URL: 'http://127.0.0.1:1',
        DISCORD_WEBHOOK_URL: 'https://discord.com/api/webhooks/1/x',
      }),
    ).to.deep.equal(['discord', 'tiingo', 'finnhub', 'ollama'])
    expect(names({ TIINGO_API_KEY: 'k', HEALTH_SERVICES: 'db=http://127.0.0.1:1/' })).to.deep.equal(['db'])
  })

  it('keep keys out of the addresses of services, and turn flags into features', () => {
    for (const { url } of servicesOf(
      readConfig('/nowhere', { TIINGO_API_KEY: 'my-key', FINNHUB_API_KEY: 'my-key' }).settings,
    ))
      expect(url).to.not.include('my-key')
    expect(featuresOf({ FEATURE_OLLAMA: '1', FEATURE_QuickChart: 'off', FEATURES: '1', OTHER: '1' })).to.deep.equal({
      ollama: true,
      quickchart: false,
    })
  })

  describe('of a service', () => {
    let listener: Listener
    afterEach(() => listener.close())

    it('say why it is down: its code, its silence, or that nobody is there', async () => {
      let asked = 0
      listener = await serve({ host: '127.0.0.1', port: 0 }, (request, response) => {
        asked++
        if (request.url === '/ok') response.end()
        if (request.url === '/503') response.writeHead(503).end()
      })
      const down = (path: string, ms = 5000) =>
        probe({ name: 'x', url: `http://127.0.0.1:${listener.port}${path}`, headers: {} }, ms)
      expect(await down('/ok')).to.equal(undefined)
      expect(await down('/503')).to.equal('HTTP 503')
      expect(await down('/hangs', 50)).to.equal('no answer within 0.05 s')
      expect(asked).to.equal(3)
      const { port } = listener
      await listener.close()
      expect(await probe({ name: 'x', url: `http://127.0.0.1:${port}/`, headers: {} })).to.equal('connection refused')
    })
  })
})
