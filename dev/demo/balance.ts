/** The records of a demo: how many were produced, and where each of them is now. */
export interface Balance {
  readonly produced: number
  readonly handled: number
  /** Skipped by a rule: duplicates, and what the filter of an example excludes. */
  readonly leftOut: number
  readonly dead: ReadonlyMap<string, number>
  /** Fetched but not finished when the service ended: the group would resume with them. */
  readonly unfinished: number
  /** Not fetched yet. */
  readonly unread: number
}

/** One row per place; the rows add up to the number of produced records. */
export function balanceRows(balance: Balance): string[][] {
  const { produced, handled, leftOut, dead, unfinished, unread } = balance
  const places: Array<readonly [string, number]> = [
    ['handled', handled],
    ['left out (duplicates, filters)', leftOut],
    ...[...dead].map(([error, count]) => [`dead letters: ${error}`, count] as const),
    ...(unfinished > 0 ? [['fetched, not finished, not committed', unfinished] as const] : []),
    ...(unread > 0 ? [['still in Kafka', unread] as const] : []),
  ]
  return [
    ['produced', String(produced)],
    ...places.map(([name, count], index) => [`${index === 0 ? '=' : '+'} ${name}`, String(count)]),
  ]
}
