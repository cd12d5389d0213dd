import http from 'node:http'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import { until } from '../../support/e2e/until.js'

describe('e2e: the status page', () => {
  const { moduleHome, closeLater } = endToEnd()

  function get(home: Home, path: string, headers: Record<string, string> = {}): Promise<http.IncomingMessage> {
    const { port } = home.botFile().endpoint ?? {}
    return new Promise((resolve, reject) => {
      http.get({ host: '127.0.0.1', port, path, headers }, resolve).on('error', reject)
    })
  }

  async function bytesOf(response: http.IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  it('comes compressed, with the files that it names', async () => {
    const home = moduleHome(undefined, { BOT_NAME: 'Harbor' })
    await home.healthy()
    const page = await get(home, '/', { Accept: 'text/html', 'Accept-Encoding': 'gzip' })
    expect(page.headers['content-encoding']).to.equal('gzip')
    const text = gunzipSync(await bytesOf(page)).toString()
    expect(text).to.include('Healthy · Harbor').and.to.not.include(home.folder)
    const files = [...text.matchAll(/"(\/page\/[\w./-]+)"/g)].map(([, path = '']) => path)
    expect(files).to.have.length(5)
    for (const path of files) {
      const [whole, zipped] = [await get(home, path), await get(home, path, { 'Accept-Encoding': 'br, gzip;q=0.8' })]
      expect([whole.statusCode, zipped.statusCode], path).to.deep.equal([200, 200])
      expect(gunzipSync(await bytesOf(zipped)).equals(await bytesOf(whole)), path).to.equal(true)
    }
  })

  it('keeps a history over restarts, in which a stop on purpose is none of the outages', async () => {
    const home = moduleHome()
    const first = await home.healthy()
    await until(async () => (await home.health()).uptime_seconds >= 3)
    first.kill('SIGTERM')
    expect((await first.result()).code).to.equal(0)
    const lines = () =>
      home
        .read('.catalyst/history.jsonl')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    expect(lines().reduce((sum, { cycles = 0 }) => sum + cycles, 0)).to.be.above(10)
    const second = await home.healthy()
    const shown = async () => (await bytesOf(await get(home, '/page/days'))).toString()
    await until(async () => /worked [\d.]+ % of the/.test(await shown()))
    second.kill('SIGTERM')
    await second.result()
    const sum = (name: string) => lines().reduce((total, line) => total + (line[name] ?? 0), 0)
    expect(sum('stopped_ms')).to.be.above(100)
    expect(sum('working_ms')).to.be.above(900)
  })

  it('tells its viewers what is new, and lets the bot stop at once', async () => {
    const home = moduleHome()
    const bot = await home.healthy()
    const response = await get(home, '/page/events')
    expect(response.headers['content-type']).to.include('text/event-stream')
    let told = ''
    response.on('data', (chunk) => {
      told += chunk
    })
    response.on('error', () => {}) // it is cut off
    closeLater(() => response.destroy())
    await until(() => told.includes('event: now'))
    const update = JSON.parse(/^data: (.*)$/m.exec(told)?.[1] ?? '')
    expect(update).to.include({ status: 'healthy' })
    const asked = performance.now()
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(performance.now() - asked).to.be.below(10_000)
    await until(() => told.includes('event: over'))
    expect(told).to.include('"status":"stopping"')
  })
})
