import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { openSite, type Site, type SiteOptions } from './site.js'

/** Debian's Chromium, or the Chrome that there is. A machine with another one names it. */
const PROGRAM = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync)

let running: Promise<Browser> | undefined

/** The one browser of all tests; root can't have its sandbox. */
function theBrowser(): Promise<Browser> {
  const args = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage', '--disable-gpu']
  running ??= chromium.launch({ ...(PROGRAM && { executablePath: PROGRAM }), args })
  return running
}

export async function closeBrowser(): Promise<void> {
  await (await running)?.close()
  running = undefined
}

/** A page of a site, and what the browser had to complain of. */
export interface Opened {
  readonly site: Site
  readonly page: Page
  readonly complaints: string[]
}

export const WIDE = { width: 1280, height: 900 }
export const PHONE = { width: 360, height: 740 }

/** Returns the means of one test file: after each test all that was opened is closed. */
export function pages() {
  const opened: (() => Promise<unknown>)[] = []

  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close()
  })

  return async function open({
    path = '/',
    context = {},
    site: given,
    ...options
  }: SiteOptions & { path?: string; context?: BrowserContextOptions; site?: Site } = {}): Promise<Opened> {
    const site = given ?? (await openSite(options))
    if (given === undefined) opened.push(site.close)
    const browser = await (await theBrowser()).newContext({ viewport: WIDE, ...context })
    opened.push(() => browser.close())
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (line) => {
      if (['error', 'warning'].includes(line.type())) complaints.push(line.text())
    })
    if (context.javaScriptEnabled !== false)
      await page.addInitScript(
        "addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective + ' ' + event.blockedURI))",
      )
    await page.goto(site.url + path)
    if (context.javaScriptEnabled !== false) await page.waitForSelector('.live.on')
    return { site, page, complaints }
  }
}
