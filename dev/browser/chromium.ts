import { type Browser, chromium } from 'playwright-core'
import { CodedError } from '../../src/kernel/errors.ts'
import { debianProgram } from '../debian-program.ts'

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** A real browser without a window; installs Debian's package if there is none and it may. */
export async function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await binary(),
    // Its sandbox does not work for root; it opens only pages of ours.
    ...(process.getuid?.() === 0 && { args: ['--no-sandbox'] }),
  })
}

function binary(): Promise<string> {
  const { CHROMIUM: own } = process.env
  const paths = own === undefined ? PATHS : [own, ...PATHS]
  return debianProgram(paths, ['chromium', 'fonts-dejavu-core'], missing)
}

function missing(why: string): CodedError {
  return new CodedError(
    'OCC_CHROMIUM_MISSING',
    `There is no Chromium on this machine: install it (Debian: apt-get install chromium), or name it in CHROMIUM. ${why}`,
  )
}
