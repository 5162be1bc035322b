import { OccError } from '../../kernel/errors.ts'

/**
 * One bare block of snappy (google/snappy, format_description.txt). Strict, because snappyjs hands
 * out zeros for what is missing at the end of a cut block.
 * @throws OccError OCC_SNAPPY_TRUNCATED, OCC_SNAPPY_CORRUPT, OCC_SNAPPY_TOO_LARGE
 */
export function decompressBlock(block: Buffer, maxBytes: number): Buffer {
  let read = 0
  let written = 0

  function unsigned(bytes: number): number {
    if (read + bytes > block.length) throw truncated(read)
    read += bytes
    return bytes === 0 ? 0 : block.readUIntLE(read - bytes, bytes)
  }

  function declaredLength(): number {
    let length = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = unsigned(1)
      length += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return length
    }
    throw new OccError('OCC_SNAPPY_CORRUPT', 'A snappy block declares no length.')
  }

  const total = declaredLength()
  if (total > maxBytes) {
    throw new OccError('OCC_SNAPPY_TOO_LARGE', `A snappy block exceeds ${maxBytes} bytes.`)
  }
  // Not out of what Node shares among small buffers: its records may be kept for long.
  const output = Buffer.allocUnsafeSlow(total)

  function literal(tag: number): void {
    const short = tag >> 2
    const length = (short < 60 ? short : unsigned(short - 59)) + 1
    if (read + length > block.length) throw truncated(read)
    if (written + length > total) throw corrupt(read)
    block.copy(output, written, read, read + length)
    read += length
    written += length
  }

  function copy(length: number, offset: number): void {
    if (offset === 0 || offset > written || written + length > total) throw corrupt(read)
    if (offset >= length) {
      output.copy(output, written, written - offset, written - offset + length)
      written += length
      return
    }
    // It overlaps what it writes: a repetition.
    for (const end = written + length; written < end; written++) {
      output[written] = output[written - offset] ?? 0
    }
  }

  while (read < block.length) {
    const tag = unsigned(1)
    const kind = tag & 3
    if (kind === 0) literal(tag)
    else if (kind === 1) copy(((tag >> 2) & 7) + 4, ((tag >> 5) << 8) | unsigned(1))
    else copy((tag >> 2) + 1, unsigned(kind === 2 ? 2 : 4))
  }
  if (written < total) throw truncated(read)
  return output
}

function truncated(position: number): OccError {
  return new OccError('OCC_SNAPPY_TRUNCATED', `A snappy block is cut at byte ${position}.`)
}

function corrupt(position: number): OccError {
  return new OccError('OCC_SNAPPY_CORRUPT', `A snappy block is corrupt before byte ${position}.`)
}
