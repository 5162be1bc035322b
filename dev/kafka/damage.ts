import { open } from 'node:fs/promises'
import { crc32c } from './crc32c.ts'
import { BATCH_HEADER, findBatch, type StoredBatch } from './segments.ts'

const CRC_AT = 17
const ATTRIBUTES_AT = 21
const CODEC_MASK = 0b111
/** 0 to 4 are none, gzip, snappy, LZ4 and Zstandard. */
const UNDEFINED_CODEC = 5

/**
 * - `payload`: a byte of the records differs, as on a failing disk; the checksum tells.
 * - `crc`: the checksum itself differs.
 * - `codec`: an unknown compression, under a correct checksum.
 * - `content`: the compressed data, or the first record's length, makes no sense, under a correct
 *   checksum: what a broken producer leaves.
 */
export type DamageKind = 'payload' | 'crc' | 'codec' | 'content'

export interface Damage {
  /** An offset within the batch to damage. Default: the partition's first batch. */
  readonly offset?: number
  readonly how: DamageKind
}

/**
 * Damages one batch in place, on that disk alone. A running broker serves it so from then on: it
 * sends what the system's page cache holds, without a look at it.
 * @throws OccError OCC_KAFKA_SEGMENT when there is no such batch
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
    // The first byte: every compressed format begins with a magic number. In a batch without
    // compression it is the first record's length, whose lowest bit is its sign (zigzag).
    flip(batch, BATCH_HEADER)
    sign(batch)
  },
}

function flip(bytes: Buffer, at: number): void {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at)
}

/** The checksum covers everything from the attributes on. */
function sign(batch: Buffer): void {
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES_AT)), CRC_AT)
}
