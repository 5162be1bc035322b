/** As `engines` of package.json says, which the bundle does not lie beside. */
const OLDEST = '22.19'

/**
 * What is wrong with the Node that runs this, in one line; null: nothing. A Node that is too old must be
 * able to read this file.
 */
export function nodeProblem(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = OLDEST.split('.').map(Number)
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return null
  return `onchain-consumer: Node ${version} is too old: ${OLDEST} or newer is needed. Remedy: install one, or run the image`
}
