import zlib from 'node:zlib'
import SnappyJS from 'snappyjs'
import { crc32c } from '../../../src/broker/batch/crc32c.ts'
import { lz4Codec } from '../../../src/decode/lz4/codec.ts'

/** A record to be written; what is left out is null, none, or one more than before. */
export interface RecordToWrite {
  readonly offset?: number
  readonly timestamp?: number
  readonly key?: Buffer | string | null
  readonly value?: Buffer | string | null
  /** In their order on the wire, where names may come twice. */
  readonly headers?: ReadonlyArray<readonly [name: string, value: Buffer | string | null]>
}

export interface BatchToWrite {
  readonly baseOffset?: number
  readonly records?: readonly RecordToWrite[]
  /** null: as the last record gives it. Compaction keeps it where the last record is gone. */
  readonly lastOffsetDelta?: number
  readonly codec?: number
  readonly baseTimestamp?: number
  readonly maxTimestamp?: number
  readonly logAppendTime?: boolean
  readonly transactional?: boolean
  readonly control?: boolean
  readonly producerId?: bigint
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly leaderEpoch?: number
  /** In the place of the true one. */
  readonly count?: number
  /** In the place of the encoded and packed records. */
  readonly body?: Buffer
}

export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

/** A record batch of format v2, as a broker would send it. */
export function writeBatch(batch: BatchToWrite): Buffer {
  const { baseOffset = 0, records = [], codec = 0, baseTimestamp = 1_700_000_000_000 } = batch
  let offset = baseOffset - 1
  let latest = baseTimestamp
  const encoded = records.map((record) => {
    offset = record.offset ?? offset + 1
    const timestamp = record.timestamp ?? baseTimestamp
    latest = Math.max(latest, timestamp)
    return encodeRecord(record, offset - baseOffset, timestamp - baseTimestamp)
  })
  const body = batch.body ?? pack(codec, Buffer.concat(encoded))
  const bytes = Buffer.alloc(61 + body.length)
  bytes.writeBigInt64BE(BigInt(baseOffset), 0)
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes.writeInt32BE(batch.leaderEpoch ?? 0, 12)
  bytes.writeInt8(2, 16)
  const flags = [batch.logAppendTime, batch.transactional, batch.control]
  bytes.writeInt16BE(
    flags.reduce((sum, flag, bit) => sum | (flag ? 8 << bit : 0), codec),
    21,
  )
  bytes.writeInt32BE(batch.lastOffsetDelta ?? Math.max(offset - baseOffset, 0), 23)
  bytes.writeBigInt64BE(BigInt(baseTimestamp), 27)
  bytes.writeBigInt64BE(BigInt(batch.maxTimestamp ?? latest), 35)
  bytes.writeBigInt64BE(batch.producerId ?? -1n, 43)
  bytes.writeInt16BE(batch.producerEpoch ?? -1, 51)
  bytes.writeInt32BE(batch.baseSequence ?? -1, 53)
  bytes.writeInt32BE(batch.count ?? records.length, 57)
  body.copy(bytes, 61)
  return sealed(bytes)
}

/** What ends a transaction of a producer. */
export function writeMarker(
  type: 'abort' | 'commit',
  producerId: bigint,
  baseOffset: number,
): Buffer {
  const key = Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1])
  const records = [{ key, value: Buffer.alloc(6) }]
  return writeBatch({ baseOffset, records, producerId, control: true, transactional: true })
}

/** The batch with a CRC that fits what it holds by now. */
export function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch, 21), 17)
  return batch
}

/** As snappy-java frames it: magic, two version numbers, then length and block, again and again. */
export function packXerial(...blocks: readonly Buffer[]): Buffer {
  const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
  const framed = blocks.flatMap((block) => {
    const compressed = SnappyJS.compress(block)
    const length = Buffer.alloc(4)
    length.writeInt32BE(compressed.length)
    return [length, compressed]
  })
  return Buffer.concat([header, ...framed])
}

export function pack(codec: number, bytes: Buffer): Buffer {
  switch (codec) {
    case 1:
      return zlib.gzipSync(bytes)
    case 2:
      return SnappyJS.compress(bytes)
    case 3:
      return lz4Codec.compress(bytes)
    case 4:
      return zlib.zstdCompressSync(bytes)
    default:
      return bytes
  }
}

export function encodeRecord(
  { key = null, value = null, headers = [] }: RecordToWrite,
  offsetDelta: number,
  timestampDelta: number,
): Buffer {
  const content = Buffer.concat([
    Buffer.from([0]),
    varint(timestampDelta),
    varint(offsetDelta),
    sizedBytes(key),
    sizedBytes(value),
    varint(headers.length),
    ...headers.flatMap(([name, header]) => [sizedBytes(name), sizedBytes(header)]),
  ])
  return Buffer.concat([varint(content.length), content])
}

function sizedBytes(bytes: Buffer | string | null): Buffer {
  if (bytes === null) return varint(-1)
  const buffer = Buffer.from(bytes)
  return Buffer.concat([varint(buffer.length), buffer])
}

/** Zigzag, as Kafka writes int32 and int64 in records. */
export function varint(value: number | bigint): Buffer {
  const signed = BigInt(value)
  let left = BigInt.asUintN(64, (signed << 1n) ^ (signed >> 63n))
  const bytes: number[] = []
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80)
  bytes.push(Number(left))
  return Buffer.from(bytes)
}
