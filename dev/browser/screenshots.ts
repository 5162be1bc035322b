import { writeFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { html } from '../../src/http/page/html.ts'

const QUALITY = 70

/** Saves a page as WebP, down to so many pixels; by default all of it. */
export async function savePicture(page: Page, path: string, most = Infinity): Promise<void> {
  await writeFile(path, await picture(page, most))
}

/** What is in the window, without what one has to scroll to. */
export function windowPicture(page: Page): Promise<Buffer> {
  return picture(page, page.viewportSize()?.height ?? Infinity)
}

/** Saves pictures as one, from left to right. @param width of each, in pixels */
export async function saveSideBySide(
  browser: Browser,
  pictures: readonly Buffer[],
  width: number,
  path: string,
): Promise<void> {
  const gap = 16
  const page = await browser.newPage({
    viewport: { width: pictures.length * (width + gap) + gap, height: 100 },
  })
  try {
    const images = pictures.map((each) => {
      const source = `data:image/webp;base64,${each.toString('base64')}`
      return html`<img src="${source}" width="${width}" style="border-radius:12px">`
    })
    await page.setContent(
      html`<!doctype html><body style="margin:0;padding:${gap}px;display:flex;gap:${gap}px;align-items:flex-start;background:#808890">${images}`
        .text,
    )
    await savePicture(page, path)
  } finally {
    await page.close()
  }
}

async function picture(page: Page, most: number): Promise<Buffer> {
  const [width, height, scale]: [number, number, number] = await page.evaluate(
    '[document.documentElement.scrollWidth, document.documentElement.scrollHeight, devicePixelRatio]',
  )
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', {
    ...{ format: 'webp', quality: QUALITY, captureBeyondViewport: true },
    clip: { x: 0, y: 0, width, height: Math.min(height, most), scale },
  })
  return Buffer.from(data, 'base64')
}
