import zlib from 'node:zlib'
import { CompressionTypes } from 'kafkajs'
import SnappyJS from 'snappyjs'
import { OccError } from '../kernel/errors.ts'
import { compressionCodecs } from './connection/kafkajs-internals.ts'
import { decompressBlock } from './snappy-block.ts'

/** Decompresses a whole LZ4 frame stream, bounded; handed in because decode/ owns the LZ4 reader. */
export interface Lz4 {
  decompress(frames: Buffer, maxBytes: number): Buffer
  compress(bytes: Buffer): Buffer
}

/** A batch holds at most `message.max.bytes` compressed; nobody's batch unpacks to more than this. */
export const MAX_BATCH_BYTES = 256 * 1024 * 1024

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEADER = 16

/**
 * Registers what kafkajs lacks, so that batches compressed by any producer are read: an unknown
 * codec crashes its consumer. gzip is its own. Idempotent.
 */
export function registerCodecs(lz4: Lz4): void {
  compressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: async (encoder: { buffer: Buffer }) => lz4.compress(encoder.buffer),
    decompress: async (buffer: Buffer) => lz4.decompress(buffer, MAX_BATCH_BYTES),
  })
  compressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: async (encoder: { buffer: Buffer }) => SnappyJS.compress(encoder.buffer),
    decompress: async (buffer: Buffer) => decompressSnappy(buffer),
  })
  compressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async (encoder: { buffer: Buffer }) => zlib.zstdCompressSync(encoder.buffer),
    decompress: async (buffer: Buffer) =>
      zlib.zstdDecompressSync(buffer, { maxOutputLength: MAX_BATCH_BYTES }),
  })
}

/**
 * Java's producer wraps snappy in the xerial framing: a 16-byte header, then blocks with a
 * big-endian length each. librdkafka and others send one bare block.
 */
export function decompressSnappy(buffer: Buffer): Buffer {
  if (!buffer.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) {
    return decompressBlock(buffer, MAX_BATCH_BYTES)
  }
  const blocks: Buffer[] = []
  let total = 0
  for (let position = XERIAL_HEADER; position < buffer.length; ) {
    const length = position + 4 <= buffer.length ? buffer.readInt32BE(position) : -1
    const end = position + 4 + length
    if (length < 0 || end > buffer.length) {
      throw new OccError(
        'OCC_SNAPPY_TRUNCATED',
        `A snappy batch ends inside the block at ${position}.`,
      )
    }
    const block = decompressBlock(buffer.subarray(position + 4, end), MAX_BATCH_BYTES)
    total += block.length
    if (total > MAX_BATCH_BYTES) {
      throw new OccError('OCC_SNAPPY_TOO_LARGE', `A snappy batch exceeds ${MAX_BATCH_BYTES} bytes.`)
    }
    blocks.push(block)
    position = end
  }
  return Buffer.concat(blocks, total)
}
