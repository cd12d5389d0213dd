import { expect } from 'chai'
import { PHONE, pages } from './support/browser.js'
import { openSite } from './support/site.js'

/** The promised sizes, compressed, of what comes over the wire for a first view, and with a chart. */
const FIRST_BYTES = 15_000
const CHART_BYTES = 40_000

describe('page: small and plain', () => {
  const open = pages()

  for (const path of ['/', '/?range=90-days'])
    it(`comes in at most 15 kB at ${path}, and in 40 kB with a chart`, async () => {
      const site = await openSite()
      try {
        const { page } = await open({ site, path: '/page/icon-healthy.svg', context: { javaScriptEnabled: false } })
        await page.close()
        let bytes = 0
        const context = await page.context().browser()?.newContext()
        const fresh = await context?.newPage()
        if (fresh === undefined) throw new Error('no page')
        const sizes: Promise<unknown>[] = []
        fresh.on('requestfinished', (request) => {
          if (request.url().endsWith('/page/events')) return
          sizes.push(request.sizes().then(({ responseBodySize }) => (bytes += responseBodySize)))
        })
        await fresh.goto(site.url + path)
        await fresh.waitForSelector('.live.on')
        await Promise.all(sizes)
        expect(bytes).to.be.above(5000).and.below(FIRST_BYTES)
        await fresh.locator('[data-chart="cycles"]').click()
        await fresh.waitForSelector('.u-over')
        await Promise.all(sizes)
        expect(bytes).to.be.above(FIRST_BYTES).and.below(CHART_BYTES)
        await context?.close()
      } finally {
        await site.close()
      }
    })

  it('asks nobody but the bot, and allows nothing else', async () => {
    const { page, site } = await open({ path: '/?chart=cycles' })
    await page.waitForSelector('.u-over')
    const urls = (await page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")) as string[]
    expect(urls.filter((url) => !url.startsWith(site.url))).to.deep.equal([])
    const answer = await page.goto(site.url)
    const policy = answer?.headers()['content-security-policy'] ?? ''
    expect(policy.split('; ').sort()).to.deep.equal([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src 'self'",
      "script-src 'self'",
      "style-src 'self'",
    ])
  })

  it('asks for its files only once', async () => {
    const { page, site } = await open()
    const script = await page.locator('script[src]').getAttribute('src')
    const answer = await page.request.get(site.url + script)
    expect(answer.headers()['cache-control']).to.include('immutable')
    const etag = answer.headers().etag as string
    expect((await page.request.get(site.url + script, { headers: { 'If-None-Match': etag } })).status()).to.equal(304)
  })

  it('works without script: days, charts and their tables are links', async () => {
    const { page, complaints } = await open({ context: { javaScriptEnabled: false, viewport: PHONE } })
    expect(await page.locator('h1').innerText()).to.include('Healthy')
    expect(await page.locator('noscript').count()).to.equal(1)
    await page.locator('[data-day="2026-03-05"]').click()
    expect(await page.locator('#day').innerText()).to.include('Incident: takes too much memory')
    await page.locator('[data-range="day"]').click()
    await page.locator('[data-chart="memory"]').click()
    expect(await page.locator('#chart svg').isVisible()).to.equal(true)
    await page.locator('summary').click()
    expect(await page.locator('#chart tbody tr').count()).to.equal(96)
    await page.locator('#chart .close').click()
    expect(await page.locator('#chart').isHidden()).to.equal(true)
    expect(complaints).to.deep.equal([])
  })

  it('works with a token, which the browser sends with every part', async () => {
    const context = { httpCredentials: { username: '', password: 'open-sesame' } }
    const { page, complaints } = await open({ token: 'open-sesame', context })
    await page.locator('[data-chart="cycles"]').click()
    await page.waitForSelector('.u-over')
    expect(complaints).to.deep.equal([])
  })

  it('is a page without a past, too', async () => {
    const { page, complaints } = await open({ isNew: true })
    expect(await page.locator('#share').innerText()).to.equal('nothing is known yet')
    await page.locator('[data-chart="memory"]').click()
    await page.waitForSelector('.u-over')
    await page.locator('#days a').last().click()
    await page.waitForSelector('#day:not([hidden])')
    expect(complaints).to.deep.equal([])
  })
})
