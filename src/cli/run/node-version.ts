import { readFileSync } from 'node:fs'

/**
 * The problem with the running version of Node as one line, or null. Checked against `engines` of
 * package.json, which lies above both src/ and dist/. Old versions of Node must be able to parse
 * this file.
 */
export function nodeProblem(version: string): string | null {
  const path = new URL('../../../package.json', import.meta.url)
  const wanted = String(JSON.parse(readFileSync(path, 'utf8')).engines.node).replace('>=', '')
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = wanted.split('.').map(Number)
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return null
  return `onchain-consumer: Node ${version} is too old: ${wanted} or newer is needed. Remedy: install one, or run the image`
}
