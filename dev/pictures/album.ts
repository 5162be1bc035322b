import { mkdirSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { savePicture, saveSideBySide, windowPicture } from '../browser/screenshots.ts'
import { VIEWS } from '../browser/views.ts'
import { dashboardPage } from './dashboard/page.ts'
import type { Answered } from './dashboard/read.ts'
import type { Range } from './prometheus.ts'

/** Pictures that are in docs/images: of which state, in which form, down to so many pixels. */
const IN_DOCS = [
  { file: 'page.webp', state: 'keeping-up', view: 'light', most: 905 },
  { file: 'page-dark.webp', state: 'dead-letters', view: 'dark', most: Infinity },
] as const
const ON_PHONES: readonly string[] = ['falling-behind', 'circuit-open', 'paused', 'broker-away']
/** Pixels. */
const PHONE_WIDTH = 300
/** Pixels of the dashboard: its first two rows, and the beginning of the third. */
const DASHBOARD_HEIGHT = 1_346

/** All pictures are kept in one folder, and those that the documentation shows in another, too. */
export interface Album {
  /** The page in a state, in all its forms. */
  state(name: string, url: string): Promise<void>
  /** The dashboard, as a page and as a picture; and what is seen on phones in all states. */
  finish(dashboard: readonly Answered[], range: Range): Promise<void>
}

export function createAlbum(browser: Browser, folder: string, docs: string): Album {
  const phones: Buffer[] = []
  for (const each of [folder, docs]) mkdirSync(each, { recursive: true })
  return {
    async state(name, url) {
      for (const [view, options] of Object.entries(VIEWS)) {
        const page = await browser.newPage(options)
        try {
          await page.goto(url)
          await page.locator('#live.on').waitFor()
          const whole = join(folder, `${name}-${view}.webp`)
          await savePicture(page, whole)
          const shown = IN_DOCS.find((each) => each.state === name && each.view === view)
          if (shown?.most === Infinity) await copyFile(whole, join(docs, shown.file))
          else if (shown !== undefined) await savePicture(page, join(docs, shown.file), shown.most)
          const isOnPhone = view === 'phone' && ON_PHONES.includes(name)
          if (isOnPhone) phones.push(await windowPicture(page))
        } finally {
          await page.close()
        }
      }
    },
    async finish(dashboard, range) {
      await saveSideBySide(browser, phones, PHONE_WIDTH, join(docs, 'page-phone.webp'))
      const text = dashboardPage(dashboard, range)
      await writeFile(join(folder, 'dashboard.html'), text)
      const page = await browser.newPage({ viewport: { width: 1616, height: 1000 } })
      try {
        await page.setContent(text)
        await savePicture(page, join(folder, 'dashboard.webp'))
        await savePicture(page, join(docs, 'dashboard.webp'), DASHBOARD_HEIGHT)
      } finally {
        await page.close()
      }
    },
  }
}
