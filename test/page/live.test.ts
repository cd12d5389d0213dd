import { expect } from 'chai'
import { UPDATE_MS } from '#core/health/page/live.js'
import { until } from '../support/e2e/until.js'
import { pages } from './support/browser.js'
import { openSite } from './support/site.js'

describe('page: it is live', () => {
  const open = pages()

  it('shows another state, and says it, without a reload', async () => {
    const { page, site, complaints } = await open()
    await page.evaluate('window.isTheSame = true')
    site.monitor.setDependency('prices', 'HTTP 503')
    await site.clock.turn(UPDATE_MS)
    await page.waitForSelector('body[data-status="degraded"]')
    expect(await page.locator('h1').innerText()).to.include('Degraded')
    expect(await page.locator('.reasons').innerText()).to.include('prices is down: HTTP 503')
    expect(await page.locator('#say').innerText()).to.equal('Harbor news: Degraded. prices is down: HTTP 503')
    expect(await page.title()).to.equal('Degraded · Harbor news')
    expect(await page.locator('#needs-part').innerText()).to.include('does not answer')
    expect(await page.evaluate('window.isTheSame')).to.equal(true)
    expect(complaints).to.deep.equal([])
  })

  it('draws the charts anew with each minute, and leaves an opened one and the focus as they are', async () => {
    const { page, site } = await open({ path: '/?chart=cycles' })
    await page.waitForSelector('#chart .u-over')
    await page.locator('[data-chart="errors"]').focus()
    site.history.add(site.clock.now() + 60_000, { cycles: 77, errors: 5, workingMs: 60_000 })
    await site.clock.turn(60_000)
    await until(async () => (await page.locator('[data-chart=errors] .figure').innerText()) === '5')
    await until(async () => (await page.locator('#chart tbody tr:last-child td').textContent()) === '77')
    expect(await page.evaluate('document.activeElement.dataset.chart')).to.equal('errors')
  })

  it('says that the bot has stopped, and goes on with the next one', async () => {
    const { page, site } = await open()
    site.page.live.close()
    await page.waitForSelector('.live.off')
    expect(await page.locator('#live').innerText()).to.equal('The bot has stopped')
    expect(await page.locator('#state').innerText()).to.match(/^Stopped\s+The bot stopped at 12:24:09\./)
    expect(await page.title()).to.equal('Stopped · Harbor news')
    await site.close()
    const { monitor, close } = await openSite({ port: Number(new URL(site.url).port) })
    try {
      expect(monitor.state().status).to.equal('healthy')
      await page.waitForSelector('.live.on')
      expect(await page.locator('h1').innerText()).to.include('Healthy')
      expect(await page.title()).to.equal('Healthy · Harbor news')
    } finally {
      await close()
    }
  })

  it('shows no state as that of now once the bot is no longer heard', async () => {
    const { page, site } = await open()
    await page.clock.install()
    site.drop()
    await page.waitForSelector('.live.off')
    expect(await page.locator('#live').innerText()).to.equal('No connection since 12:24:09')
    await page.clock.runFor(11_000)
    await page.waitForSelector('body[data-status="lost"]')
    expect(await page.locator('#state').innerText()).to.match(
      /^Not live\s+No connection to the bot since 12:24:09\. It was healthy then\./,
    )
    expect(await page.title()).to.equal('Not live · Harbor news')
    expect(await page.locator('#say').innerText()).to.include('Not live')
  })

  it('lets nobody be served whom nobody sees', async () => {
    const { page, site } = await open()
    expect(site.page.live.viewers).to.equal(1)
    await page.goto('about:blank')
    await until(() => site.page.live.viewers === 0)
    expect(site.clock.waiting).to.equal(0)
  })
})
