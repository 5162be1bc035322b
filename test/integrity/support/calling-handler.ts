import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Scene } from './setup.ts'

/** The entry of `handlers` for handlers/calling.ts. @param name Writes its lines with this name. */
export function callingHandler({ folder }: Scene, name?: string) {
  const path = join(import.meta.dirname, '../handlers/calling.ts')
  const named = name === undefined ? {} : { name }
  return { path, ...named, options: { switches: folder, ...named } }
}

/** What such handlers of the scene call from now on: see handlers/calling.ts. */
export function setTarget({ folder }: Scene, text: string): void {
  const path = join(folder, 'target')
  // Never half-written for who reads it.
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}
