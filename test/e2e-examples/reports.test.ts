import http from 'node:http'
import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'

describe('e2e: reports from the command line', () => {
  const { programHome } = endToEnd()

  async function reportUrl() {
    const home = programHome(
      "import fs from 'node:fs'; fs.writeFileSync('report-url', process.env.CATALYST_REPORT_URL); setInterval(() => {}, 1000)",
    )
    await home.started()
    return { home, url: await home.reportUrl() }
  }

  it('one curl is enough; what is too long gets 413', async () => {
    const { home, url } = await reportUrl()
    const curl = (...args: string[]) =>
      home.run('curl', ['-sS', '-w', '%{http_code}', ...args], { folder: home.folder }).result()
    expect(await curl('-X', 'POST', `${url}/cycle`)).to.include({ code: 0, stdout: 'ok\n200' })
    expect(await curl('-d', 'a message', `${url}/alert`)).to.include({ stdout: 'ok\n200' })
    expect(await curl('--json', '{"next_in_seconds": 5}', `${url}/cycle`)).to.include({ stdout: 'ok\n200' })
    home.write('huge', 'x'.repeat(10 * 1024 * 1024))
    for (const more of [[], ['-H', 'Expect:'], ['-H', 'Transfer-Encoding: chunked']]) {
      const { code, stdout } = await curl('--data-binary', '@huge', ...more, `${url}/alert`)
      expect([code, stdout]).to.deep.equal([0, 'a report has at most 65536 bytes\n413'])
    }
    expect(await home.health()).to.include({ total_cycles: 2, alerts_today: 1, status: 'healthy' })
  })

  it("so is one urlopen, with Python's own client", async () => {
    const { home, url } = await reportUrl()
    const code = `
import urllib.error, urllib.request
print(urllib.request.urlopen("${url}/cycle", b"").status)
try:
    urllib.request.urlopen("${url}/alert", b"x" * 10_000_000)
except urllib.error.HTTPError as error:
    print(error.code)`
    const { stdout, stderr } = await home.run('python3', ['-c', code], { folder: home.folder }).result()
    expect([stdout, stderr]).to.deep.equal(['200\n413\n', ''])
    expect(await home.health()).to.include({ total_cycles: 1, alerts_today: 0 })
  })

  it('a sender that stalls in the middle of its words is cut off, and holds nobody up', async () => {
    const { home, url } = await reportUrl()
    const request = http.request(`${url}/alert`, { method: 'POST', headers: { 'Content-Length': '100' } })
    const cut = new Promise((resolve) => request.once('error', resolve).once('response', resolve))
    request.write('half a')
    expect(
      (await home.run('curl', ['-sS', '-X', 'POST', `${url}/cycle`], { folder: home.folder }).result()).stdout,
    ).to.equal('ok\n')
    await cut
    expect((await home.health()).alerts_today).to.equal(0)
    request.destroy()
  })
})
