import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const CACHE = join(import.meta.dirname, '../..', '.cache')

/**
 * A folder `.cache/bench-<kind>/<hash of what it is made of>/`, filled by `build` once. What `build`
 * resolves with is kept, too. A build that failed is done again.
 */
export async function keptBuild(
  kind: string,
  madeOf: readonly (string | Buffer)[],
  build: (folder: string) => Promise<string>,
): Promise<string> {
  const hash = createHash('sha256')
  for (const part of madeOf) hash.update(part)
  const folder = join(CACHE, `bench-${kind}`, hash.digest('hex').slice(0, 12))
  const stamp = join(folder, 'built.txt')
  if (existsSync(stamp)) return await readFile(stamp, 'utf8')
  await mkdir(folder, { recursive: true })
  const result = await build(folder)
  await writeFile(stamp, result)
  return result
}

export function contentsOf(files: readonly string[]): Promise<Buffer[]> {
  return Promise.all(files.map((file) => readFile(file)))
}
