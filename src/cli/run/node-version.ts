/** As `engines` of package.json says, which the bundle does not lie beside. */
const OLDEST = '22.19'

/**
 * The problem with the running version of Node as one line, or null. Old versions of Node must be able
 * to parse this file.
 */
export function nodeProblem(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = OLDEST.split('.').map(Number)
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return null
  return `onchain-consumer: Node ${version} is too old: ${OLDEST} or newer is needed. Remedy: install one, or run the image`
}
