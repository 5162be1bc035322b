import { crc32 } from 'node:zlib'
import type { OffsetRange } from '../types.ts'
import { decodeRuns, encodeRuns, type Runs } from './offset-runs.ts'

/**
 * Max characters of the text. By default brokers allow 4096 for all of the metadata
 * (`offset.metadata.max.bytes`) and keep it in memory.
 */
const BUDGET = 3072
/** One letter for the encoding, eight for the checksum. */
const HEAD = 9
const BYTES = Math.floor(((BUDGET - HEAD) * 3) / 4)

/**
 * Encodes the finished offsets above a committed one as text: `r` (lengths of runs) or `b` (one bit
 * per offset), whichever covers more, or the same in fewer bytes; a checksum over it and the
 * offset; base64. If not all fit, the lowest do. null: there are none.
 */
export function encodeFinished(ranges: readonly OffsetRange[], offset: number): string | null {
  const runs = encodeRuns(ranges, offset, BYTES)
  const bits = encodeBits(ranges, offset, BYTES)
  const best =
    bits.count > runs.count || (bits.count === runs.count && bits.bytes.length < runs.bytes.length)
      ? { coding: 'b', ...bits }
      : { coding: 'r', ...runs }
  if (best.count === 0) return null
  const body = best.bytes.toString('base64').replace(/=+$/, '')
  return `${best.coding}${checksum(best.coding, body, offset)}${body}`
}

/** Never throws. Damaged text, or text written for another offset, gives no ranges. */
export function decodeFinished(text: string, offset: number): OffsetRange[] {
  const coding = text[0] ?? ''
  const body = text.slice(HEAD)
  if (text.slice(1, HEAD) !== checksum(coding, body, offset)) return []
  const bytes = Buffer.from(body, 'base64')
  if (coding === 'r') return decodeRuns(bytes, offset)
  return coding === 'b' ? decodeBits(bytes, offset) : []
}

/** A wrong bit would mean a record that nobody handles. */
function checksum(coding: string, body: string, offset: number): string {
  return crc32(`${offset} ${coding} ${body}`).toString(16).padStart(8, '0')
}

function encodeBits(ranges: readonly OffsetRange[], offset: number, most: number): Runs {
  const end = Math.min((ranges.at(-1)?.to ?? offset) - offset, most * 8)
  const bytes = Buffer.alloc(Math.ceil(Math.max(0, end) / 8))
  let count = 0
  for (const { from, to } of ranges) {
    for (let bit = from - offset; bit < Math.min(to - offset, end); bit++) {
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7))
      count += 1
    }
  }
  return { bytes, count }
}

function decodeBits(bytes: Buffer, offset: number): OffsetRange[] {
  const ranges: OffsetRange[] = []
  let from: number | null = null
  for (let bit = 0; bit <= bytes.length * 8; bit++) {
    const isSet = ((bytes[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0
    if (isSet) from ??= offset + bit
    else if (from !== null) {
      ranges.push({ from, to: offset + bit })
      from = null
    }
  }
  return ranges
}
