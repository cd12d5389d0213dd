import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ROOT } from '../support/e2e/root.js'
import { PHONE, pages, WIDE } from './support/browser.js'
import { smallPng } from './support/small-png.js'

const FOLDER = join(ROOT, 'docs', 'images')
const MAXIMUM_BYTES = 100_000
const OPENED = '/?day=2026-03-05&range=day&chart=cycle-time'

const PICTURES = [
  { name: 'status-page-light.png', path: OPENED, colorScheme: 'light', viewport: WIDE },
  { name: 'status-page-dark.png', path: '/', colorScheme: 'dark', viewport: WIDE },
  { name: 'status-page-phone.png', path: '/', colorScheme: 'light', viewport: PHONE },
  { name: 'status-page-phone-dark.png', path: '/', colorScheme: 'dark', viewport: PHONE, isIll: true },
] as const

describe('page: its pictures in the documents', () => {
  const open = pages()
  const isUpdate = process.env.UPDATE_SCREENSHOTS === '1'

  for (const { name, path, ...picture } of PICTURES)
    it(`${name} is there, and small${isUpdate ? '; it is made anew' : ''}`, async () => {
      const file = join(FOLDER, name)
      if (isUpdate) {
        const { colorScheme, viewport } = picture
        const be = 'isIll' in picture ? { be: makeIll } : {}
        const { page } = await open({ path, context: { colorScheme, viewport, reducedMotion: 'reduce' }, ...be })
        if (path === OPENED) await page.waitForSelector('.u-over')
        await page.evaluate('document.fonts.ready.then(() => true)')
        const png = smallPng(await page.screenshot({ fullPage: true }))
        fs.mkdirSync(FOLDER, { recursive: true })
        fs.writeFileSync(file, png)
      }
      expect(fs.statSync(file).size).to.be.above(5000).and.below(MAXIMUM_BYTES)
      expect(fs.readFileSync(join(ROOT, 'docs', 'health.md'), 'utf8')).to.include(`images/${name}`)
    })
})

function makeIll(monitor: import('#core/health/monitor.js').HealthMonitor): void {
  monitor.setDependency('prices', 'HTTP 503')
  for (let error = 0; error < 13; error++) monitor.recordError()
}
