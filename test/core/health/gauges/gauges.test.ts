import net, { type AddressInfo } from 'node:net'
import { expect } from 'chai'
import { featuresOf, probe } from '#core/health/gauges/dependencies.js'
import { parseGpus } from '#core/health/gauges/gauges.js'
import { type Listener, serve } from '#core/platform/net/http.js'

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
    for (const text of ['', 'No devices were found\n', '[N/A], [N/A], [Not Supported], \n', '1, 2\n'])
      expect(parseGpus(text), text).to.equal(undefined)
  })

  it('are known one by one: a GPU that does not report one of them reports the others', () => {
    const unknown = { utilizationPercent: undefined, vramUsedMb: undefined, vramTotalMb: undefined }
    expect(parseGpus('[N/A], 1, 2, 3\n')).to.include({
      utilizationPercent: undefined,
      vramUsedMb: 1,
      temperatureCelsius: 3,
    })
    expect(parseGpus('[N/A], [Not Supported], [Unknown Error], 55\n')).to.deep.equal({
      ...unknown,
      temperatureCelsius: 55,
    })
    expect(parseGpus('[N/A], 100, 8000, 40\n7, 200, 8000, [N/A]\n')).to.deep.equal({
      utilizationPercent: 7,
      vramUsedMb: 300,
      vramTotalMb: 16_000,
      temperatureCelsius: 40,
    })
  })

  it('turn flags into features', () => {
    expect(featuresOf({ FEATURE_OLLAMA: '1', FEATURE_QuickChart: 'off', FEATURES: '1', OTHER: '1' })).to.deep.equal({
      ollama: true,
      quickchart: false,
    })
  })

  it('say of a tcp dependency whether it accepts a connection', async () => {
    const server = net.createServer((socket) => socket.end()).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const irc = { name: 'irc', url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, headers: {} }
    expect(await probe(irc)).to.equal(undefined)
    await new Promise((resolve) => server.close(resolve))
    expect(await probe(irc)).to.equal('connection refused')
    expect(await probe({ ...irc, url: 'tcp://nowhere.invalid:6667' })).to.equal('the host name is unknown')
  })

  describe('of a dependency', () => {
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
