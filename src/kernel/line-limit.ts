/** Max log lines per minute about one thing, where every record could cause one. */
const MAX_LINES = 30
const MINUTE = 60_000

/** Tells whether one more line about a thing may be written. @param now monotonic milliseconds. */
export function createLineLimit(now: () => number = () => performance.now()) {
  const said = new Map<string, { readonly since: number; lines: number }>()
  return (about: string): boolean => {
    let known = said.get(about)
    if (known === undefined || now() - known.since >= MINUTE) {
      known = { since: now(), lines: 0 }
      said.set(about, known)
    }
    known.lines += 1
    return known.lines <= MAX_LINES
  }
}
