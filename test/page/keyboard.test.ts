import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { until } from '../support/e2e/until.js'
import { PHONE, pages } from './support/browser.js'

const focused = (page: Page, of: string) => page.evaluate(`document.activeElement.${of}`)

describe('page: all of it works by keyboard', () => {
  const open = pages()

  it('has the bar of days as one stop, with arrows within, and Enter opens a day', async () => {
    const { page, complaints } = await open()
    await page.locator('#days a[tabindex="0"]').focus()
    expect(await focused(page, 'dataset.day')).to.equal('2026-03-11')
    expect(await page.locator('#days a[tabindex="0"]').count()).to.equal(1)
    for (const [key, day] of [
      ['ArrowRight', '2026-03-11'],
      ['ArrowLeft', '2026-03-10'],
      ['ArrowUp', '2026-03-03'],
      ['Home', '2025-12-12'],
      ['ArrowLeft', '2025-12-12'],
      ['End', '2026-03-11'],
    ]) {
      await page.keyboard.press(key as string)
      expect(await focused(page, 'dataset.day'), key).to.equal(day)
    }
    for (let day = 0; day < 6; day++) await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#day:not([hidden])')
    await until(async () => (await focused(page, 'id')) === 'day-title')
    const text = await page.locator('#day').innerText()
    expect(text)
      .to.include('Thursday, 5 Mar 2026')
      .and.to.include('Incident: hangs')
      .and.to.include('Deployment of v1.8.2')
    expect(await page.locator('#days a[aria-current]').getAttribute('data-day')).to.equal('2026-03-05')
    await page.keyboard.press('Escape')
    expect(await page.locator('#day').isHidden()).to.equal(true)
    expect(await focused(page, 'dataset.day')).to.equal('2026-03-05')
    expect(complaints).to.deep.equal([])
  })

  it('moves by days and weeks in the calendar of a phone', async () => {
    const { page } = await open({ context: { viewport: PHONE } })
    await page.locator('#days a[tabindex="0"]').focus()
    await page.keyboard.press('ArrowUp')
    expect(await focused(page, 'dataset.day')).to.equal('2026-03-10')
    await page.keyboard.press('ArrowLeft')
    expect(await focused(page, 'dataset.day')).to.equal('2026-03-03')
  })

  it('opens a chart, tells its figures by the arrow keys, and gives the focus back', async () => {
    const { page, complaints } = await open()
    await page.locator('[data-chart="cycles"]').focus()
    await page.keyboard.press('Enter')
    await page.waitForSelector('#chart .u-over')
    await until(async () => (await focused(page, 'id')) === 'chart-title')
    await page.locator('.frame').focus()
    await page.keyboard.press('ArrowLeft')
    expect(await page.locator('.said').innerText()).to.match(/^12:24: \d$/)
    await page.keyboard.press('ArrowLeft')
    expect(await page.locator('.said').innerText()).to.match(/^12:23: \d$/)
    await page.keyboard.press('Home')
    expect(await page.locator('.said').innerText()).to.match(/^11:25: \d$/)
    await page.locator('summary').focus()
    await page.keyboard.press('Enter')
    expect(await page.locator('#chart tbody tr').count()).to.equal(60)
    expect(await page.locator('#chart table').isVisible()).to.equal(true)
    await page.keyboard.press('Escape')
    expect(await page.locator('#chart').isHidden()).to.equal(true)
    expect(await focused(page, 'dataset.chart')).to.equal('cycles')
    expect(complaints).to.deep.equal([])
  })

  it('changes the time that the charts show, and keeps it in the address', async () => {
    const { page } = await open()
    await page.locator('[data-range="90-days"]').focus()
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-range="90-days"][aria-current]')
    expect(await focused(page, 'dataset.range')).to.equal('90-days')
    expect(new URL(page.url()).search).to.equal('?range=90-days')
    await page.reload()
    expect(await page.locator('#charts-title').innerText()).to.equal('Over the last 90 days')
  })

  it('shows where the focus is', async () => {
    const { page } = await open()
    await page.keyboard.press('Tab')
    expect(await focused(page, 'className')).to.equal('skip')
    for (const selector of ['#days a[tabindex="0"]', '.card', '.ranges a']) {
      await page.locator(selector).first().focus()
      await page.keyboard.press('Shift')
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), selector).to.equal('solid')
    }
  })

  it('opens a day and a chart by a click, too', async () => {
    const { page } = await open()
    await page.locator('[data-day="2026-01-09"]').click()
    await page.waitForSelector('#day:not([hidden])')
    expect(await page.locator('#day').innerText()).to.include('was stopped by mara')
    await page.locator('[data-chart="memory"]').click()
    await page.waitForSelector('#chart .u-over')
    await page.locator('#chart .close').click()
    expect(new URL(page.url()).search).to.equal('?day=2026-01-09')
  })
})
