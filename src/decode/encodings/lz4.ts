import { createLz4Reader } from '../lz4/frame.ts'
import { startsAsLz4 } from '../lz4/header.ts'
import type { ValueEncoding } from './encoding.ts'

/** LZ4 frames: a layer independent of Kafka's own compression of batches. */
export const lz4: ValueEncoding = {
  name: 'lz4',
  matches: startsAsLz4,
  open(options) {
    const { read } = createLz4Reader(options)
    return { borrowed: true, read }
  },
}
