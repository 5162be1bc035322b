import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, type TestContext } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { startChromium } from '../../../../dev/browser/chromium.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const PATIENCE = 60_000

/** A real browser for the tests of a file. */
export function useBrowser() {
  let browser: Browser
  before(async () => {
    browser = await startChromium()
  })
  after(() => browser.close())

  return {
    /** A page, and what the browser complains of: the policy, scripts, files that are missing. */
    async open(t: TestContext, url: string, options: BrowserContextOptions = {}) {
      const context = await browser.newContext(options)
      t.after(() => context.close())
      const page = await context.newPage()
      page.setDefaultTimeout(PATIENCE)
      const complaints: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      page.on('pageerror', ({ message }) => complaints.push(message))
      const foreign: string[] = []
      page.on('request', (request) => {
        if (!request.url().startsWith(url)) foreign.push(request.url())
      })
      await page.goto(url)
      return { page, complaints, foreign }
    },
  }
}

/** What axe finds: the rule and the element. */
export async function accessibility(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const found: Array<{ readonly id: string; readonly nodes: Array<{ readonly html: string }> }> =
    await page.evaluate('axe.run().then(({ violations }) => violations)')
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
}
