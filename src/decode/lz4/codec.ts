import { compressLz4Frame } from './compress.ts'
import { decompressLz4Frame } from './frame.ts'

/** LZ4 for Kafka's record batches: app/ passes it to broker/. */
export const lz4Codec = {
  /** Unpacks all frames, to at most `maxBytes`. @throws OccError OCC_LZ4_... */
  decompress(frames: Buffer, maxBytes: number): Buffer {
    return decompressLz4Frame(frames, { maxBytes })
  },
  compress(bytes: Buffer): Buffer {
    return compressLz4Frame(bytes)
  },
}
