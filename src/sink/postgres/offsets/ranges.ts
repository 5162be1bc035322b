import type { OffsetRange } from '../../../broker/types.ts'

/** `105-110,112`: the last offset of a range is part of it, as people write it. */
export function rangesToText(ranges: readonly OffsetRange[]): string {
  return ranges.map(({ from, to }) => (to === from + 1 ? `${from}` : `${from}-${to - 1}`)).join()
}

/**
 * Never throws. A text that is not in this form, such as one that was edited, gives no ranges: then
 * these records are handled again, and none is left out.
 */
export function textToRanges(text: string, offset: number): OffsetRange[] {
  const ranges: OffsetRange[] = []
  let before = offset
  for (const part of text === '' ? [] : text.split(',')) {
    const [, first, last = first] = /^(\d{1,16})(?:-(\d{1,16}))?$/.exec(part) ?? []
    const from = Number(first)
    const to = Number(last) + 1
    if (!(from >= before && to > from && Number.isSafeInteger(to))) return []
    ranges.push({ from, to })
    before = to
  }
  return ranges
}
