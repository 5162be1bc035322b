import { readFileSync } from 'node:fs'

/** The version in package.json, which lies above src/ and dist/ alike. */
export function readVersion(): string {
  const path = new URL('../../package.json', import.meta.url)
  const { version }: { version: string } = JSON.parse(readFileSync(path, 'utf8'))
  return version
}
