import { compressLz4Frame } from './compress.ts'
import { decompressLz4Frame } from './frame.ts'

/** LZ4 for Kafka's own record batches: what `app.ts` hands to broker/. */
export const lz4Codec = {
  /** Unpacks all frames, to `maxBytes` at most. @throws OccError OCC_LZ4_... */
  decompress(frames: Buffer, maxBytes: number): Buffer {
    return decompressLz4Frame(frames, { maxBytes })
  },
  compress(bytes: Buffer): Buffer {
    return compressLz4Frame(bytes)
  },
}
