import { OccError } from '../../kernel/errors.ts'
import { decompressBlock } from './snappy-block.ts'

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEADER = 16

/**
 * Decompresses snappy. Java's producer uses the xerial framing: a 16-byte header, then blocks with
 * a big-endian length each. librdkafka and others send one bare block.
 * @throws OccError OCC_SNAPPY_TRUNCATED, OCC_SNAPPY_CORRUPT, OCC_SNAPPY_TOO_LARGE
 */
export function decompressSnappy(buffer: Buffer, maxBytes: number): Buffer {
  if (!buffer.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) {
    return decompressBlock(buffer, maxBytes)
  }
  const blocks: Buffer[] = []
  let total = 0
  if (buffer.length < XERIAL_HEADER) {
    throw new OccError('OCC_SNAPPY_TRUNCATED', 'A snappy batch ends inside of its header.')
  }
  for (let position = XERIAL_HEADER; position < buffer.length; ) {
    const length = position + 4 <= buffer.length ? buffer.readInt32BE(position) : -1
    const end = position + 4 + length
    if (length < 0 || end > buffer.length) {
      throw new OccError(
        'OCC_SNAPPY_TRUNCATED',
        `A snappy batch ends inside the block at ${position}.`,
      )
    }
    const block = decompressBlock(buffer.subarray(position + 4, end), maxBytes - total)
    total += block.length
    blocks.push(block)
    position = end
  }
  const [only] = blocks
  return blocks.length === 1 && only !== undefined ? only : Buffer.concat(blocks, total)
}
