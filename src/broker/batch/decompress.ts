import zlib from 'node:zlib'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import type { TopicPartition } from '../../kernel/shapes/record.ts'
import { codecName } from './codec-names.ts'
import { corrupt, describeBatch } from './header.ts'
import { decompressSnappy } from './snappy.ts'

/**
 * Decompresses a whole LZ4 frame stream, up to a limit; passed in because decode/ owns the LZ4
 * reader.
 */
export interface Lz4 {
  decompress(frames: Buffer, maxBytes: number): Buffer
  compress(bytes: Buffer): Buffer
}

export interface DecompressOptions {
  /** Max bytes of output. */
  readonly maxBatchBytes: number
  readonly lz4: Pick<Lz4, 'decompress'>
}

/** Error codes of the decompressors for valid data that is too large. */
const TOO_LARGE: ReadonlySet<string> = new Set([
  'ERR_BUFFER_TOO_LARGE',
  'OCC_LZ4_TOO_LARGE',
  'OCC_SNAPPY_TOO_LARGE',
])

/**
 * The decompressed records of a batch; without compression `body` itself. Never allocates much more
 * than `maxBatchBytes`, whatever the bytes are.
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
  // It is in memory already, so no limit applies.
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
    const what = `its ${codecName(codec)} data cannot be decompressed (${messageOf(error)})`
    throw corrupt(place, baseOffset, what, error)
  }
  throw new OccError(
    'OCC_BATCH_CODEC',
    `${describeBatch(place, baseOffset)} is compressed by codec ${codec}, and only none (0), gzip ` +
      '(1), snappy (2), lz4 (3) and zstd (4) exist. Remedy: an update of this service where Kafka ' +
      'has learned a new one; else the batch is damaged.',
  )
}

/** Decompresses all frames: Node's own function stops after the first without an error. */
function decompressZstd(body: Buffer, maxBytes: number): Buffer {
  const frames: Buffer[] = []
  let total = 0
  let read = 0
  do {
    const rest = body.subarray(read)
    const options = { ...zlibOptions(rest, maxBytes - total), info: true }
    // Node's types lack the result that `info` causes.
    const { buffer, engine } = zlib.zstdDecompressSync(rest, options) as unknown as {
      readonly buffer: Buffer
      readonly engine: { readonly bytesWritten: number }
    }
    if (engine.bytesWritten <= 0) throw new Error('it does not continue')
    read += engine.bytesWritten
    total += buffer.length
    frames.push(buffer)
  } while (read < body.length)
  const [only] = frames
  return frames.length === 1 && only !== undefined ? only : Buffer.concat(frames, total)
}

/** Node does not accept zero as a limit, so one byte is allowed and found to be too many. */
function zlibOptions(
  body: Buffer,
  maxBytes: number,
): { maxOutputLength: number; chunkSize: number } {
  return {
    maxOutputLength: Math.max(maxBytes, 1),
    // Large chunks mean fewer steps for large batches, but cost more for small ones.
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
      'bytes once decompressed. Remedy: raise the limit for batches (maxBatchBytes) and give the ' +
      'process the memory for it, or have the producer send smaller ones.',
  )
}
