/** The records of a demo: how many were produced, and where each of them is now. */
export interface Balance {
  readonly produced: number
  readonly handled: number
  /** By a rule: duplicates, and what a filter of an example does not let pass. */
  readonly leftOut: number
  readonly dead: ReadonlyMap<string, number>
  /** Fetched, and not finished when the service ended: the group would begin with them. */
  readonly unfinished: number
  /** Not fetched yet. */
  readonly unread: number
}

/** A row for each place, adding up to what was produced. */
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
