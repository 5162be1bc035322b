import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'
import { CodedError, messageOf } from '../../src/kernel/errors.ts'

const run = promisify(execFile)
const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** A real browser without a window; installs Debian's package if there is none and it may. */
export async function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await binary(),
    // Its sandbox does not work for root; it opens only pages of ours.
    ...(process.getuid?.() === 0 && { args: ['--no-sandbox'] }),
  })
}

async function binary(): Promise<string> {
  const found = () => [process.env['CHROMIUM'] ?? '', ...PATHS].find((path) => existsSync(path))
  const there = found()
  if (there !== undefined) return there
  const wait = ['-o', 'DPkg::Lock::Timeout=300']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    await run('apt-get', [...wait, 'update', '-qq'], { env })
    await run('apt-get', [...wait, 'install', '-y', '-qq', 'chromium', 'fonts-dejavu-core'], {
      env,
    })
  } catch (error) {
    throw missing(messageOf(error))
  }
  const installed = found()
  if (installed === undefined) throw missing(`it is at none of ${PATHS.join(', ')}`)
  return installed
}

function missing(why: string): CodedError {
  return new CodedError(
    'OCC_CHROMIUM_MISSING',
    `There is no Chromium on this machine: install it (Debian: apt-get install chromium), or name it in CHROMIUM. ${why}`,
  )
}
