import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './chart.ts'
import type { Files } from './generate.ts'

export const target = join(root, 'k8s')

/** Paths relative to k8s/ that differ from `wanted`: changed, missing or superfluous. */
export function stale(wanted: Files): string[] {
  const present = new Set(['base', 'components'].flatMap(filesUnder))
  const differs = (path: string) =>
    !present.has(path) || readFileSync(join(target, path), 'utf8') !== wanted.get(path)
  const tooMany = [...present].filter((path) => !wanted.has(path))
  return [...tooMany, ...[...wanted.keys()].filter(differs)]
}

function filesUnder(folder: string): string[] {
  const path = join(target, folder)
  if (!existsSync(path)) return []
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(target, join(entry.parentPath, entry.name)))
}
