// node dev/browser/screenshots.ts URL [FOLDER]: pictures of the status page of a running service, as in docs/page.md.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../tools.ts'
import { startChromium } from './chromium.ts'
import { VIEWS } from './views.ts'

const [url = 'http://127.0.0.1:8080', folder = join(root, 'docs/images')] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const browser = await startChromium()
try {
  for (const [name, view] of Object.entries(VIEWS)) {
    const page = await browser.newPage(view)
    await page.goto(url)
    await page.locator('#live.on').waitFor()
    const path = join(folder, `page-${name}.png`)
    await page.screenshot({ path, fullPage: name !== 'phone' })
    console.log(path)
    await page.close()
  }
} finally {
  await browser.close()
}
