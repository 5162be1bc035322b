const thousands = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `1,234,567`. */
export function formatCount(count: number): string {
  // Most are small, and the formatter is slow.
  if (Number.isInteger(count) && count > 0 && count < 1_000) return String(count)
  if (count === 0) return '0'
  return thousands.format(count)
}

/** `1 member`, `1,234 members`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${formatCount(count)} ${agreeing(count, one, several)}`
}

/** The form of a word that belongs to so many. */
export function agreeing(count: number, one: string, several: string): string {
  return count === 1 ? one : several
}
