import { isAscii, isUtf8 } from 'node:buffer'
import { OccError } from '../kernel/errors.ts'

/**
 * Strict UTF-8 to a string; a byte order mark at the start is dropped.
 * @throws OccError OCC_TEXT_INVALID_UTF8 with the position of the first bad byte
 */
export function decodeText(bytes: Buffer): string {
  // Nearly every record is ASCII, where each byte is a character and needs no decoding.
  if (isAscii(bytes)) return bytes.toString('latin1')
  if (!isUtf8(bytes)) {
    throw new OccError(
      'OCC_TEXT_INVALID_UTF8',
      `not UTF-8: byte ${validLength(bytes)} of ${bytes.length} is not part of a character`,
    )
  }
  return bytes.toString('utf8', markLength(bytes))
}

/** Length of the UTF-8 byte order mark at the start: 3 or 0. */
export function markLength(bytes: Uint8Array): 0 | 3 {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
}

/** Position of the first bad or incomplete character. Slow: only for error messages. */
function validLength(bytes: Buffer): number {
  let at = 0
  while (at < bytes.length) {
    const first = bytes[at] as number
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
    if (length > 1 && (at + length > bytes.length || !isUtf8(bytes.subarray(at, at + length)))) {
      return at
    }
    at += length
  }
  return at
}
