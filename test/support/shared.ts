import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startLender, stopLender } from './lent-kafka/lender.ts'
import { BUNDLED_MAIN } from './service-main.ts'

// For `node --test --test-global-setup`: what test files that run together share. Their processes inherit the
// environment that is set here.

let folder = ''

export async function globalSetup(): Promise<void> {
  await Promise.all([startLender(), bundle()])
}

export async function globalTeardown(): Promise<void> {
  await Promise.all([stopLender(), rm(folder, { recursive: true, force: true })])
}

async function bundle(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'service-'))
  const build = join(import.meta.dirname, '../../dev/build.ts')
  await promisify(execFile)(process.execPath, [build, folder])
  process.env[BUNDLED_MAIN] = join(folder, 'main.js')
}
