import { totalmem } from 'node:os'

/** Of the container's memory, for what is fetched and not yet handled. */
const SHARE = 1 / 4
/** Where nothing limits the process: 128 MiB. */
const WITHOUT_LIMIT = 128 * 1024 ** 2
/** What `flow.maxBytes` must be at least: 1 MiB. */
const MIN = 1024 ** 2

/**
 * Bytes for `flow.maxBytes` where nobody has set it.
 *
 * @param limit of the control group; 0, or more than the machine has: there is none.
 */
export function defaultMaxBytes(
  limit: number = process.constrainedMemory(),
  total: number = totalmem(),
): number {
  const isLimited = limit > 0 && limit < total
  return isLimited ? Math.max(MIN, Math.floor(limit * SHARE)) : WITHOUT_LIMIT
}
