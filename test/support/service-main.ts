import { join } from 'node:path'

/** Names the bundle's main.js, where test files run together. Not with OCC_, which the service would refuse. */
export const BUNDLED_MAIN = 'TEST_SERVICE_MAIN'

/**
 * What `onchain-consumer` runs: the bundle, as the image and the package have it, where test files run together
 * (shared.ts makes it); otherwise its source. A process from the source takes more than twice the work to start.
 */
export const MAIN = process.env[BUNDLED_MAIN] ?? join(import.meta.dirname, '../../src/main.ts')
