import { open } from 'node:fs/promises'
import { crc32c } from './crc32c.ts'
import { BATCH_HEADER, findBatch, type StoredBatch } from './segments.ts'

const CRC_AT = 17
const ATTRIBUTES_AT = 21
const LAST_OFFSET_DELTA_AT = 23
const CODEC_MASK = 0b111
/** 0 to 4 are none, gzip, snappy, LZ4 and Zstandard. */
const UNDEFINED_CODEC = 5

/**
 * - `payload`: a byte of the records differs, as on a failing disk; the checksum shows it.
 * - `crc`: the checksum itself differs.
 * - `codec`: an unknown compression, with a correct checksum.
 * - `content`: the compressed data, or the first record's length, is invalid, with a correct
 *   checksum: the result of a broken producer.
 * - `end`: its last offset is a higher one; the checksum shows it.
 */
export type DamageKind = 'payload' | 'crc' | 'codec' | 'content' | 'end'

export interface Damage {
  /** An offset within the batch to damage. Default: the partition's first batch. */
  readonly offset?: number
  readonly how: DamageKind
}

/**
 * Damages one batch in place, only on that disk. A running broker serves it from then on: it sends
 * what the system's page cache holds, without checking it.
 * @throws OccError OCC_KAFKA_SEGMENT if there is no such batch
 */
export async function damageBatch(
  dataFolder: string,
  topic: string,
  partition: number,
  { offset, how }: Damage,
): Promise<StoredBatch> {
  const batch = await findBatch(dataFolder, topic, partition, offset)
  const handle = await open(batch.file, 'r+')
  try {
    const bytes = Buffer.alloc(batch.bytes)
    await handle.read(bytes, 0, bytes.length, batch.position)
    DAMAGES[how](bytes)
    await handle.write(bytes, 0, bytes.length, batch.position)
  } finally {
    await handle.close()
  }
  return batch
}

const DAMAGES: Readonly<Record<DamageKind, (batch: Buffer) => void>> = {
  payload: (batch) => flip(batch, batch.length - 1),
  crc: (batch) => flip(batch, CRC_AT),
  codec(batch) {
    const attributes = batch.readInt16BE(ATTRIBUTES_AT)
    batch.writeInt16BE((attributes & ~CODEC_MASK) | UNDEFINED_CODEC, ATTRIBUTES_AT)
    sign(batch)
  },
  content(batch) {
    // The first byte: every compressed format begins with a magic number. In an uncompressed batch
    // it is the first record's length, whose lowest bit is its sign (zigzag).
    flip(batch, BATCH_HEADER)
    sign(batch)
  },
  end: (batch) => flip(batch, LAST_OFFSET_DELTA_AT + 3),
}

function flip(bytes: Buffer, at: number): void {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at)
}

/** The checksum covers everything from the attributes on. */
function sign(batch: Buffer): void {
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES_AT)), CRC_AT)
}
