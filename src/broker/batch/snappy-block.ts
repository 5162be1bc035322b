import { OccError } from '../../kernel/errors.ts'

/** Extra bytes after the output: copies use words of eight bytes and may write past their end. */
const SLACK = 8
/** Above this many bytes the engine's own copy is faster than a loop of eight-byte words. */
const LONG_COPY = 200

/**
 * Decompresses one bare snappy block (google/snappy, format_description.txt). Strict, because
 * snappyjs returns zeros for the missing end of a truncated block. Allocates at most what the block
 * can contain, not what it declares.
 * @throws OccError OCC_SNAPPY_TRUNCATED, OCC_SNAPPY_CORRUPT, OCC_SNAPPY_TOO_LARGE
 */
export function decompressBlock(block: Buffer, maxBytes: number): Buffer {
  const { length: total, end: start } = declaredLength(block)
  if (total > maxBytes) {
    throw new OccError('OCC_SNAPPY_TOO_LARGE', `A snappy block exceeds ${maxBytes} bytes.`)
  }
  // A copy of three bytes expands to at most 64.
  if (total > block.length * 32) throw truncated(block.length)
  // Not from Node's pool for small buffers: its records may be kept for long.
  const output = Buffer.allocUnsafeSlow(total + SLACK)
  const written = decode(block, start, output, total)
  if (written < total) throw truncated(block.length)
  return output.subarray(0, total)
}

function declaredLength(block: Buffer): { length: number; end: number } {
  let length = 0
  for (let index = 0; index < 5; index++) {
    const byte = block[index]
    if (byte === undefined) throw truncated(index)
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { length, end: index + 1 }
  }
  throw new OccError('OCC_SNAPPY_CORRUPT', 'A snappy block declares no length.')
}

/**
 * Returns the number of bytes written. Every word goes through a DataView, so a mistake here would
 * throw and not touch other memory; nothing is written at or beyond `total + SLACK`.
 */
function decode(block: Buffer, start: number, target: Buffer, total: number): number {
  const input = new DataView(block.buffer, block.byteOffset, block.byteLength)
  const output = new DataView(target.buffer, target.byteOffset, target.byteLength)
  const end = block.length
  // A word may be read past a run's end only inside the block.
  const lastWord = end - 8
  let read = start
  let written = 0
  while (read < end) {
    const tag = input.getUint8(read++)
    let length = tag >> 2
    if ((tag & 3) === 0) {
      if (length >= 60) {
        const bytes = length - 59
        if (read + bytes > end) throw truncated(read)
        length = 0
        for (let index = 0; index < bytes; index++)
          length += input.getUint8(read++) * 2 ** (8 * index)
      }
      length += 1
      const literalsEnd = read + length
      const writtenEnd = written + length
      if (literalsEnd > end) throw truncated(read)
      if (writtenEnd > total) throw corrupt(read)
      if (length > LONG_COPY) {
        target.set(block.subarray(read, literalsEnd), written)
      } else if (literalsEnd <= lastWord) {
        for (; written < writtenEnd; written += 8, read += 8) {
          output.setBigUint64(written, input.getBigUint64(read, true), true)
        }
      } else {
        while (read < literalsEnd) output.setUint8(written++, input.getUint8(read++))
      }
      read = literalsEnd
      written = writtenEnd
      continue
    }
    let offset: number
    if ((tag & 3) === 1) {
      if (read >= end) throw truncated(read)
      offset = ((tag >> 5) << 8) | input.getUint8(read++)
      length = (length & 7) + 4
    } else if ((tag & 3) === 2) {
      if (read + 2 > end) throw truncated(read)
      offset = input.getUint16(read, true)
      read += 2
      length += 1
    } else {
      if (read + 4 > end) throw truncated(read)
      offset = input.getUint32(read, true)
      read += 4
      length += 1
    }
    let from = written - offset
    const copyEnd = written + length
    if (offset === 0 || from < 0 || copyEnd > total) throw corrupt(read)
    if (offset >= 8) {
      for (; written < copyEnd; written += 8, from += 8) {
        output.setBigUint64(written, output.getBigUint64(from, true), true)
      }
    } else {
      // Source and target overlap within a word: a repetition.
      while (written < copyEnd) output.setUint8(written++, output.getUint8(from++))
    }
    written = copyEnd
  }
  return written
}

function truncated(position: number): OccError {
  return new OccError('OCC_SNAPPY_TRUNCATED', `A snappy block is cut at byte ${position}.`)
}

function corrupt(position: number): OccError {
  return new OccError('OCC_SNAPPY_CORRUPT', `A snappy block is corrupt before byte ${position}.`)
}
