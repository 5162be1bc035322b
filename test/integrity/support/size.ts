/** Variables that a test may take a size from. */
type Size =
  | 'NODES'
  | 'RECORDS'
  | 'RATE'
  | 'SECONDS'
  | 'KILLS'
  | 'RESTARTS'
  | 'REBALANCES'
  | 'MOVES'
  | 'REWINDS'
  | 'FREEZES'
  | 'LOST'
  | 'CUT'
  | 'PARKED'
  | 'MEMBERS'
  | 'WORKERS'
  | 'EVERY'

/**
 * How much of something a test takes: what its variable says (`RECORDS=100000 node --test FILE`), or what is enough
 * for its invariant.
 */
export function sizeOf(name: Size, enough: number): number {
  const text = process.env[name]
  if (text === undefined) return enough
  const size = Number(text)
  if (!Number.isInteger(size) || size <= 0)
    throw new Error(`${name} is a whole number, not ${text}`)
  return size
}
