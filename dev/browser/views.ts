import type { BrowserContextOptions } from 'playwright-core'

/** How people look at the page. */
export const VIEWS = {
  light: { colorScheme: 'light', viewport: { width: 1240, height: 860 } },
  dark: { colorScheme: 'dark', viewport: { width: 1240, height: 860 } },
  phone: { colorScheme: 'dark', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 },
} as const satisfies Readonly<Record<string, BrowserContextOptions>>
