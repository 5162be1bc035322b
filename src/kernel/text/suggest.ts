/** The candidate that was probably meant, or undefined. Case and separators are ignored. */
export function nearest(
  word: string,
  candidates: Iterable<string>,
  mostEdits = Math.max(1, Math.floor(bare(word).length / 3)),
): string | undefined {
  const wanted = bare(word)
  if (wanted === '') return undefined
  let best: string | undefined
  let bestDistance = mostEdits + 1
  for (const candidate of candidates) {
    const offered = bare(candidate)
    // `ca` means `caFile`: a typo is often the start of the right name.
    const distance = offered.startsWith(wanted) ? 0.5 : editDistance(wanted, offered)
    const exact = offered === wanted ? 0 : distance
    if (exact < bestDistance) {
      best = candidate
      bestDistance = exact
    }
  }
  return best
}

/** `no sink is called "alrts", there are alerts, rows. Did you mean alerts?` */
export function noneCalled(what: string, name: string, known: readonly string[]): string {
  const others = known.length === 0 ? 'there is none' : `there are ${known.join(', ')}`
  const meant = nearest(name, known)
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
  return `no ${what} is called ${JSON.stringify(name)}, ${others}.${hint}`
}

/** More names than this are no help. */
const MAX_NAMES = 10

/**
 * A sentence behind `it does not exist`: which one was meant, or which there are, if they are few.
 * Empty if neither helps. @param what of which kind they are, as in `topics`
 */
export function hintOf(what: string, name: string, names: readonly string[]): string {
  const meant = nearest(name, names)
  if (meant !== undefined) return ` Did you mean "${meant}"?`
  if (names.length === 0 || names.length > MAX_NAMES) return ''
  return ` The ${what} that this user may see: ${names.join(', ')}.`
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

/** Levenshtein's distance, in which two neighbours that were swapped are one edit, one row at a time. */
export function editDistance(from: string, to: string): number {
  let before: readonly number[] = []
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      const isSwap = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const swap = isSwap ? (before[j - 2] ?? 0) + 1 : change
      next.push(Math.min(change, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row[to.length] ?? 0
}
