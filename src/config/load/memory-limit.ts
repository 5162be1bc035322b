import { totalmem } from 'node:os'

/** Share of the container's memory for `flow.maxBytes`. */
const SHARE = 1 / 4
/** Without a memory limit: 128 MiB. */
const WITHOUT_LIMIT = 128 * 1024 ** 2
/** Min of `flow.maxBytes`: 1 MiB. */
const MIN = 1024 ** 2

/**
 * Default of `flow.maxBytes`, in bytes.
 *
 * @param limit of the control group; 0, or more than the memory of the machine: no limit.
 */
export function defaultMaxBytes(
  limit: number = process.constrainedMemory(),
  total: number = totalmem(),
): number {
  const isLimited = limit > 0 && limit < total
  return isLimited ? Math.max(MIN, Math.floor(limit * SHARE)) : WITHOUT_LIMIT
}
