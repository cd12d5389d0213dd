import axe from 'axe-core'
import { expect } from 'chai'
import { PHONE, pages, WIDE } from './support/browser.js'

/** WCAG 2.2 AA and good practice; the size of targets is one of the rules that axe leaves out else. */
const RUN =
  "axe.run(document, { rules: { 'target-size': { enabled: true } } }).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 120) + ' ' + failureSummary)))"

describe('page: everybody can read it', () => {
  const open = pages()
  const opened = '/?day=2026-03-05&chart=cycle-time&range=day'

  for (const colorScheme of ['light', 'dark'] as const)
    for (const [name, viewport] of [
      ['wide', WIDE],
      ['on a phone', PHONE],
    ] as const)
      for (const path of ['/', opened])
        it(`axe has nothing to say, ${colorScheme}, ${name}, at ${path}`, async () => {
          const { page, complaints } = await open({ path, context: { viewport, colorScheme } })
          if (path === opened) {
            await page.waitForSelector('.u-over')
            await page.locator('summary').click()
          }
          await page.evaluate(axe.source)
          const violations = (await page.evaluate(RUN)) as string[]
          // days side by side in a bar are narrow: the arrow keys move among them, and on a phone they are a calendar
          const isWideBar = (text: string) => viewport === WIDE && text.startsWith('target-size: <a class="day')
          expect(violations.filter((text) => !isWideBar(text))).to.deep.equal([])
          expect(complaints).to.deep.equal([])
        })

  for (const [state, be] of [
    ['degraded', (monitor) => monitor.setDependency('prices', 'HTTP 503')],
    ['stopping', (monitor) => monitor.setStopping()],
  ] as const satisfies readonly (readonly [
    string,
    (monitor: import('#core/health/monitor.js').HealthMonitor) => void,
  ])[])
    for (const colorScheme of ['light', 'dark'] as const)
      it(`axe has nothing to say of a bot that is ${state}, ${colorScheme}`, async () => {
        const { page } = await open({ be, context: { colorScheme, viewport: PHONE } })
        await page.evaluate(axe.source)
        expect(await page.evaluate(RUN)).to.deep.equal([])
      })

  it('has landmarks, one main heading, and headings in order', async () => {
    const { page } = await open({ path: opened })
    const count = (selector: string) => page.locator(selector).count()
    expect([await count('header'), await count('main'), await count('footer'), await count('h1')]).to.deep.equal([
      1, 1, 1, 1,
    ])
    const levels = (await page.evaluate(
      "[...document.querySelectorAll('h1,h2,h3,h4')].filter((one) => one.checkVisibility()).map((one) => Number(one.tagName[1]))",
    )) as number[]
    levels.reduce((before, level) => {
      expect(level).to.be.at.most(before + 1)
      return level
    }, 0)
  })

  it('stands still for those who ask for less motion', async () => {
    const { page } = await open({ context: { reducedMotion: 'reduce' } })
    expect(await page.evaluate("getComputedStyle(document.querySelector('.lamp')).animationName")).to.equal('none')
  })

  for (const path of ['/', opened, '/?range=90-days&chart=memory'])
    it(`fits a phone, at ${path}`, async () => {
      const { page } = await open({
        path,
        context: { viewport: PHONE },
        name: 'A bot with a name that is as long as names get',
      })
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(360)
    })
})
