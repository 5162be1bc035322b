import zlib from 'node:zlib'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import type { TopicPartition } from '../../kernel/record.ts'
import { codecName } from './codec-names.ts'
import { corrupt, describeBatch } from './header.ts'
import { decompressSnappy } from './snappy.ts'

/** Decompresses a whole LZ4 frame stream, bounded; handed in because decode/ owns the LZ4 reader. */
export interface Lz4 {
  decompress(frames: Buffer, maxBytes: number): Buffer
  compress(bytes: Buffer): Buffer
}

export interface DecompressOptions {
  /** Most bytes that may come out. */
  readonly maxBatchBytes: number
  readonly lz4: Pick<Lz4, 'decompress'>
}

/** What the unpackers say of bytes that are whole, and too many. */
const TOO_LARGE: ReadonlySet<string> = new Set([
  'ERR_BUFFER_TOO_LARGE',
  'OCC_LZ4_TOO_LARGE',
  'OCC_SNAPPY_TOO_LARGE',
])

/**
 * The records of a batch as they were before compression; of none, `body` itself. Never allocates
 * much more than `maxBatchBytes`, whatever the bytes say.
 * @throws OccError OCC_BATCH_CORRUPT, OCC_BATCH_CODEC, OCC_BATCH_TOO_LARGE
 */
export function decompressRecords(
  codec: number,
  body: Buffer,
  options: DecompressOptions,
  place: TopicPartition,
  baseOffset: number,
): Buffer {
  const { maxBatchBytes, lz4 } = options
  // In memory already, whatever its size.
  if (codec === 0) return body
  try {
    switch (codec) {
      case 1:
        return zlib.gunzipSync(body, zlibOptions(body, maxBatchBytes))
      case 2:
        return decompressSnappy(body, maxBatchBytes)
      case 3:
        return lz4.decompress(body, maxBatchBytes)
      case 4:
        return decompressZstd(body, maxBatchBytes)
    }
  } catch (error) {
    const code = codeOf(error)
    if (TOO_LARGE.has(code)) throw tooLarge(place, baseOffset, codec, maxBatchBytes)
    const what = `its ${codecName(codec)} data cannot be unpacked (${messageOf(error)})`
    throw corrupt(place, baseOffset, what, error)
  }
  throw new OccError(
    'OCC_BATCH_CODEC',
    `${describeBatch(place, baseOffset)} is compressed by codec ${codec}, and only none (0), gzip ` +
      '(1), snappy (2), lz4 (3) and zstd (4) exist. Remedy: an update of this service where Kafka ' +
      'has learned a new one; else the batch is damaged.',
  )
}

/** All frames: Node's own function stops behind the first and says nothing of the rest. */
function decompressZstd(body: Buffer, maxBytes: number): Buffer {
  const frames: Buffer[] = []
  let total = 0
  let read = 0
  do {
    const rest = body.subarray(read)
    const options = { ...zlibOptions(rest, maxBytes - total), info: true }
    // What `info` makes of the answer is missing in the types of Node.
    const { buffer, engine } = zlib.zstdDecompressSync(rest, options) as unknown as {
      readonly buffer: Buffer
      readonly engine: { readonly bytesWritten: number }
    }
    if (engine.bytesWritten <= 0) throw new Error('it does not go on')
    read += engine.bytesWritten
    total += buffer.length
    frames.push(buffer)
  } while (read < body.length)
  const [only] = frames
  return frames.length === 1 && only !== undefined ? only : Buffer.concat(frames, total)
}

/** Zero is no limit that Node takes: then one byte may come out, and is found to be too many. */
function zlibOptions(
  body: Buffer,
  maxBytes: number,
): { maxOutputLength: number; chunkSize: number } {
  return {
    maxOutputLength: Math.max(maxBytes, 1),
    // Fewer steps for large batches; for small ones a large chunk costs more than it spares.
    chunkSize: body.length > 16 * 1024 ? 64 * 1024 : 16 * 1024,
  }
}

function tooLarge(
  place: TopicPartition,
  baseOffset: number,
  codec: number,
  maxBatchBytes: number,
): OccError {
  return new OccError(
    'OCC_BATCH_TOO_LARGE',
    `${describeBatch(place, baseOffset)} (${codecName(codec)}) holds more than ${maxBatchBytes} ` +
      'bytes once it is unpacked. Remedy: raise the limit for batches (maxBatchBytes) and give the ' +
      'process the memory for it, or have the producer send smaller ones.',
  )
}
