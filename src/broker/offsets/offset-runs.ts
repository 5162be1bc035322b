import type { OffsetRange } from '../types.ts'

/** The encoded bytes, and how many offsets they cover. */
export interface Runs {
  readonly bytes: Buffer
  readonly count: number
}

/**
 * Lengths of alternating unfinished and finished runs, from `offset` on. Each is a varint (seven
 * bits a byte, the lowest first, the eighth bit: more follows). Stops before exceeding `most`
 * bytes.
 */
export function encodeRuns(ranges: readonly OffsetRange[], offset: number, most: number): Runs {
  const bytes: number[] = []
  let count = 0
  let position = offset
  for (const { from, to } of ranges) {
    const before = bytes.length
    writeVarint(bytes, from - position)
    writeVarint(bytes, to - from)
    if (bytes.length > most) {
      bytes.length = before
      break
    }
    count += to - from
    position = to
  }
  return { bytes: Buffer.from(bytes), count }
}

/** The ranges; empty if the bytes are not in the format of `encodeRuns`. */
export function decodeRuns(bytes: Buffer, offset: number): OffsetRange[] {
  const ranges: OffsetRange[] = []
  let position = offset
  let index = 0
  while (index < bytes.length) {
    const gap = readVarint(bytes, index)
    const run = gap === null ? null : readVarint(bytes, gap.next)
    if (gap === null || run === null || run.value === 0) return []
    const from = position + gap.value
    position = from + run.value
    if (!Number.isSafeInteger(position)) return []
    ranges.push({ from, to: position })
    index = run.next
  }
  return ranges
}

function writeVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
}

function readVarint(bytes: Buffer, start: number): { value: number; next: number } | null {
  let value = 0
  // Eight bytes hold 2^56: more than any offset.
  for (let index = start, factor = 1; index < start + 8; index++, factor *= 0x80) {
    const byte = bytes[index]
    if (byte === undefined) return null
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return { value, next: index + 1 }
  }
  return null
}
