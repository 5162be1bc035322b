import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { MAIN } from '../../support/service-main.ts'
import { environmentOf } from './service.ts'
import type { Scene } from './setup.ts'

export interface DlqResult {
  readonly code: number | null
  readonly out: string
  readonly error: string
}

/** `onchain-consumer dlq ...` as a user runs it, with the configuration that the service has. */
export async function dlq(
  scene: Scene,
  config: object,
  ...args: readonly string[]
): Promise<DlqResult> {
  const path = join(scene.folder, 'dlq.yaml')
  writeFileSync(path, JSON.stringify(config))
  const child = spawn(process.execPath, [MAIN, 'dlq', ...args, '--config', path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentOf(scene, 0),
  })
  const [out, error, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code, out, error }
}
