import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError, codeOf } from '../../../src/kernel/errors.ts'

/** Bytes of a v2 batch before its first record. Source: Kafka's DefaultRecordBatch. */
export const BATCH_HEADER = 61
/** Base offset and length: the bytes that the length does not include. */
const LOG_OVERHEAD = 12
const MAGIC_AT = 16
const LAST_OFFSET_DELTA_AT = 23

/** Location of a record batch on disk. */
export interface StoredBatch {
  readonly file: string
  /** Position of the batch's first byte in the file. */
  readonly position: number
  /** Size of the whole batch, including its header. */
  readonly bytes: number
  readonly baseOffset: number
  readonly lastOffset: number
}

/**
 * The batch with that offset, or the partition's first batch.
 * @throws OccError OCC_KAFKA_SEGMENT if the folder has no such partition or batch
 */
export async function findBatch(
  dataFolder: string,
  topic: string,
  partition: number,
  offset?: number,
): Promise<StoredBatch> {
  const folder = join(dataFolder, `${topic}-${partition}`)
  for (const file of await segmentFiles(folder)) {
    const found = await batchInSegment(join(folder, file), offset)
    if (found !== undefined) return found
  }
  const which = offset === undefined ? 'no batch at all' : `no batch with the offset ${offset}`
  throw new CodedError('OCC_KAFKA_SEGMENT', `there is ${which} in ${folder}: produce to it first`)
}

/** The names are zero-padded base offsets: sorted, they are in the order of the log. */
async function segmentFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.log')).sort()
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause
    const remedy = 'is this node a replica of that partition?'
    throw new CodedError('OCC_KAFKA_SEGMENT', `there is no ${folder}: ${remedy}`, { cause })
  }
}

async function batchInSegment(file: string, offset?: number): Promise<StoredBatch | undefined> {
  const handle = await open(file, 'r')
  try {
    for (let position = 0; ; ) {
      const batch = await readBatch(handle, file, position)
      if (batch === undefined) return undefined
      if (offset === undefined || holds(batch, offset)) return batch
      position += batch.bytes
    }
  } finally {
    await handle.close()
  }
}

function holds(batch: StoredBatch, offset: number): boolean {
  return batch.baseOffset <= offset && offset <= batch.lastOffset
}

/** A segment may end in preallocated zeros: there is no batch with magic 0. */
async function readBatch(
  handle: FileHandle,
  file: string,
  position: number,
): Promise<StoredBatch | undefined> {
  const header = Buffer.alloc(BATCH_HEADER)
  const { bytesRead } = await handle.read(header, 0, BATCH_HEADER, position)
  if (bytesRead < BATCH_HEADER || header[MAGIC_AT] !== 2) return undefined
  const baseOffset = Number(header.readBigInt64BE(0))
  return {
    file,
    position,
    bytes: LOG_OVERHEAD + header.readInt32BE(8),
    baseOffset,
    lastOffset: baseOffset + header.readInt32BE(LAST_OFFSET_DELTA_AT),
  }
}
