import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { CompressionTypes } from 'kafkajs'
import SnappyJS from 'snappyjs'
import type { Lz4 } from '../batch/decompress.ts'
import { decompressSnappy } from '../batch/snappy.ts'
import { compressionCodecs } from '../connection/kafkajs-internals.ts'

const compressZstd = promisify(zlib.zstdCompress)

export type { Lz4 } from '../batch/decompress.ts'

/**
 * Compressed, a batch holds at most `message.max.bytes`; no real batch decompresses to more than
 * this.
 */
export const MAX_BATCH_BYTES = 256 * 1024 * 1024

/**
 * Registers the codecs that kafkajs lacks, so that its producer can use all of them; gzip is built
 * in. Idempotent.
 */
export function registerCodecs(lz4: Lz4): void {
  compressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: async (encoder: { buffer: Buffer }) => lz4.compress(encoder.buffer),
    decompress: async (buffer: Buffer) => lz4.decompress(buffer, MAX_BATCH_BYTES),
  })
  compressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: async (encoder: { buffer: Buffer }) => SnappyJS.compress(encoder.buffer),
    decompress: async (buffer: Buffer) => decompressSnappy(buffer, MAX_BATCH_BYTES),
  })
  registerZstd()
}

/** Registers zstd alone. Runs off the main thread, since a single record can have many MB. */
export function registerZstd(): void {
  compressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async (encoder: { buffer: Buffer }) => compressZstd(encoder.buffer),
    decompress: async (buffer: Buffer) =>
      zlib.zstdDecompressSync(buffer, { maxOutputLength: MAX_BATCH_BYTES }),
  })
}
