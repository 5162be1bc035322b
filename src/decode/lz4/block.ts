/** Bytes that must be free after `limit`: copies write words of eight bytes past the end. */
export const BLOCK_SLACK = 8

/** The block's bytes end in the middle of a sequence, or without the closing run of literals. */
export const BLOCK_TRUNCATED = -1
/** The block decodes to more than fits before `limit`. */
export const BLOCK_OVERFLOW = -2
/** A match points before the first allowed byte, or at itself. */
export const BLOCK_BAD_OFFSET = -3

/** Beyond this many bytes the engine's own copy beats a loop of eight-byte words. */
const LONG_COPY = 200

/** Two views of one memory: bulk copies need the array, fast reads the DataView. */
export interface Memory {
  readonly bytes: Uint8Array
  readonly view: DataView
}

/**
 * Decodes one compressed LZ4 block, `source[start, end)`, into `target` from `at`.
 *
 * Returns the position after the last written byte, or one of the negative codes above. Matches
 * reach back at most to `windowStart`, so data of an earlier record in `target` cannot leak.
 * Nothing is written at or beyond `limit + BLOCK_SLACK`, whatever the input. Every access uses a
 * DataView, so a bug here would throw instead of reading beyond the memory.
 */
export function decodeBlock(
  source: Memory,
  start: number,
  end: number,
  target: Memory,
  at: number,
  limit: number,
  windowStart: number,
): number {
  const input = source.view
  const output = target.view
  // A word may be read past the end of a run only if it stays inside the source.
  const lastWord = input.byteLength - 8
  let read = start
  let written = at
  while (read < end) {
    const token = input.getUint8(read++)

    let literals = token >> 4
    if (literals === 15) {
      let more = 255
      while (more === 255) {
        if (read >= end) return BLOCK_TRUNCATED
        more = input.getUint8(read++)
        literals += more
      }
    }
    const literalsEnd = read + literals
    const literalsWritten = written + literals
    if (literalsEnd > end) return BLOCK_TRUNCATED
    if (literalsWritten > limit) return BLOCK_OVERFLOW
    if (literals > LONG_COPY) {
      target.bytes.set(source.bytes.subarray(read, literalsEnd), written)
    } else if (literalsEnd <= lastWord) {
      for (; written < literalsWritten; written += 8, read += 8) {
        output.setBigUint64(written, input.getBigUint64(read, true), true)
      }
    } else {
      while (read < literalsEnd) output.setUint8(written++, input.getUint8(read++))
    }
    read = literalsEnd
    written = literalsWritten
    // Only here may a block end: its last sequence has literals and no match.
    if (read === end) return written

    if (read + 2 > end) return BLOCK_TRUNCATED
    const offset = input.getUint16(read, true)
    read += 2
    let length = token & 15
    if (length === 15) {
      let more = 255
      while (more === 255) {
        if (read >= end) return BLOCK_TRUNCATED
        more = input.getUint8(read++)
        length += more
      }
    }
    length += 4
    let from = written - offset
    const matchEnd = written + length
    if (offset === 0 || from < windowStart) return BLOCK_BAD_OFFSET
    if (matchEnd > limit) return BLOCK_OVERFLOW
    if (offset >= 8) {
      if (length > LONG_COPY && offset >= length) {
        target.bytes.copyWithin(written, from, from + length)
      } else {
        for (; written < matchEnd; written += 8, from += 8) {
          output.setBigUint64(written, output.getBigUint64(from, true), true)
        }
      }
    } else if (offset === 1) {
      target.bytes.fill(output.getUint8(from), written, matchEnd)
    } else {
      while (written < matchEnd) output.setUint8(written++, output.getUint8(from++))
    }
    written = matchEnd
  }
  return BLOCK_TRUNCATED
}
