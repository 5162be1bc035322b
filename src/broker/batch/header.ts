import { OccError } from '../../kernel/errors.ts'
import type { TopicPartition } from '../../kernel/shapes/record.ts'
import { crc32c } from './crc32c.ts'

/** Bytes before the records; `length` on the wire counts from LENGTH_END on. */
export const HEADER_BYTES = 61
export const LENGTH_END = 12
export const MAGIC_AT = 16
const CRC_AT = 17
/** The CRC covers everything from the attributes on. */
const ATTRIBUTES_AT = 21

/** The header of a batch in format v2 (Kafka 0.11 and later). */
export interface BatchHeader {
  readonly baseOffset: number
  /** Size of the whole batch, including this header. */
  readonly bytes: number
  readonly partitionLeaderEpoch: number
  readonly crc: number
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd; 5 to 7 are undefined. */
  readonly codec: number
  /** The broker set the timestamp of all records to `maxTimestamp`. */
  readonly logAppendTime: boolean
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly lastOffsetDelta: number
  /** baseOffset + lastOffsetDelta; compaction keeps it even if that record is gone. */
  readonly lastOffset: number
  /** Milliseconds since the epoch; rounded beyond 2^53. */
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  /** -1n: the producer is not idempotent. */
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly count: number
}

/** Reads the header at `at`, which needs HEADER_BYTES. Checks nothing. */
export function readHeader(bytes: Buffer, at: number): BatchHeader {
  const attributes = bytes.readUInt16BE(at + ATTRIBUTES_AT)
  const baseOffset = readInt64(bytes, at)
  const lastOffsetDelta = bytes.readInt32BE(at + 23)
  return {
    baseOffset,
    bytes: LENGTH_END + bytes.readInt32BE(at + 8),
    partitionLeaderEpoch: bytes.readInt32BE(at + 12),
    crc: bytes.readUInt32BE(at + CRC_AT),
    codec: attributes & 0b111,
    logAppendTime: (attributes & 0b1000) !== 0,
    isTransactional: (attributes & 0b1_0000) !== 0,
    isControl: (attributes & 0b10_0000) !== 0,
    lastOffsetDelta,
    lastOffset: baseOffset + lastOffsetDelta,
    baseTimestamp: readInt64(bytes, at + 27),
    maxTimestamp: readInt64(bytes, at + 35),
    producerId: bytes.readBigInt64BE(at + 43),
    producerEpoch: bytes.readInt16BE(at + 51),
    baseSequence: bytes.readInt32BE(at + 53),
    count: bytes.readInt32BE(at + 57),
  }
}

/** Rounded beyond 2^53. */
export function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4)
}

/** Whether the bytes of a batch match its checksum. */
export function verifyCrc(header: BatchHeader, bytes: Buffer): boolean {
  return crc32c(bytes, ATTRIBUTES_AT, header.bytes) === header.crc
}

/** For error messages. */
export function describeBatch({ topic, partition }: TopicPartition, baseOffset: number): string {
  return `The batch at offset ${baseOffset} of ${topic}/${partition}`
}

export function corrupt(
  place: TopicPartition,
  baseOffset: number,
  what: string,
  cause?: unknown,
): OccError {
  return new OccError(
    'OCC_BATCH_CORRUPT',
    `${describeBatch(place, baseOffset)} is damaged: ${what}. It is fetched again; ` +
      'if that does not help, the copy on its broker is damaged: check whether another replica has ' +
      'an intact one.',
    { cause },
  )
}
