import type { OffsetRange } from '../broker/types.ts'

/** Ranges of offsets that were finished under an earlier assignment. */
export interface Inherited {
  /** The offset after the last one. */
  readonly end: number
  has(offset: number): boolean
  /** The ranges at or above an offset. */
  from(offset: number): OffsetRange[]
}

/**
 * @param ranges ascending, not overlapping
 * @returns null if there are none
 */
export function createInherited(ranges: readonly OffsetRange[]): Inherited | null {
  const last = ranges.at(-1)
  if (last === undefined) return null

  /** Index of the first range that ends above the offset. */
  function indexAt(offset: number): number {
    let low = 0
    let high = ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ranges[middle]?.to ?? 0) > offset) high = middle
      else low = middle + 1
    }
    return low
  }

  return {
    end: last.to,
    has(offset) {
      const range = ranges[indexAt(offset)]
      return range !== undefined && range.from <= offset
    },
    from(offset) {
      return ranges
        .slice(indexAt(offset))
        .map(({ from, to }) => ({ from: Math.max(from, offset), to }))
    },
  }
}
