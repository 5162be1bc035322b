import type { OccError } from '../../kernel/errors.ts'
import type { KafkaRecord, TopicPartition } from '../../kernel/shapes/record.ts'
import { ResponseMemory } from '../connection/response-memory.ts'
import type { BatchDamage, RawBatch, RecordBatch } from '../types.ts'
import type { ControlType } from './aborted.ts'
import { type DecompressOptions, decompressRecords } from './decompress.ts'
import { type BatchHeader, corrupt, HEADER_BYTES, readHeader } from './header.ts'
import { decodeRecords } from './records.ts'
import { damageOf } from './scan.ts'

/** Where a batch was fetched, and the end offset in that answer. */
export interface BatchPlace extends TopicPartition {
  readonly from: number
  readonly endOffset: number
}

/** A complete batch. Its CRC has been verified, unless that is disabled. */
export class FetchedBatch implements RecordBatch {
  readonly topic: string
  readonly partition: number
  readonly from: number
  readonly nextOffset: number
  readonly count: number
  readonly bytes: number
  readonly firstTimestamp: number
  readonly endOffset: number
  readonly damage = null
  readonly header: BatchHeader
  readonly #options: DecompressOptions
  #raw: Buffer
  /** The memory that `#raw` is in, freed once unused; null: that of a small response, or its own. */
  #memory: ResponseMemory | null
  #isDetached = false

  /** @param raw the whole batch, including the header: a slice of the answer */
  constructor(header: BatchHeader, raw: Buffer, place: BatchPlace, options: DecompressOptions) {
    this.topic = place.topic
    this.partition = place.partition
    this.from = place.from
    this.endOffset = place.endOffset
    this.nextOffset = header.lastOffset + 1
    this.count = header.count
    this.bytes = raw.length
    this.firstTimestamp = header.logAppendTime ? header.maxTimestamp : header.baseTimestamp
    this.header = header
    this.#raw = raw
    this.#memory = ResponseMemory.of(raw) ?? null
    this.#memory?.enter()
    this.#options = options
  }

  read(): readonly KafkaRecord[] {
    this.#leaveResponse()
    return readBatch(this.header, this.#raw, this, this.from, this.#options)
  }

  borrow(): readonly KafkaRecord[] {
    return readBatch(this.header, this.#raw, this, this.from, this.#options)
  }

  get raw(): RawBatch {
    return { bytes: this.#raw, maxBatchBytes: this.#options.maxBatchBytes }
  }

  detach(): void {
    if (this.#isDetached) return
    this.#raw = Buffer.from(this.#raw)
    this.#isDetached = true
    this.#leaveMemory()
  }

  /**
   * Its records may be in use for long, and of a large response a single one would keep all of it. The
   * copy costs less than what the garbage collector does for whole responses.
   */
  #leaveResponse(): void {
    if (this.#memory !== null) this.detach()
  }

  free(): void {
    if (this.#memory === null) return
    this.#raw = NOTHING
    this.#leaveMemory()
  }

  /** The damage to report once it turned out to be unreadable. */
  damageBy(error: OccError): BatchDamage {
    this.#leaveResponse()
    return damageOf(this.header, this.#raw, error)
  }

  #leaveMemory(): void {
    this.#memory?.leave()
    this.#memory = null
  }
}

const NOTHING = Buffer.alloc(0)

/** The same as `read` of the batch, for another thread. @throws OccError as `read` does */
export function readRawBatch(
  { bytes, maxBatchBytes }: RawBatch,
  place: TopicPartition,
  from: number,
  lz4: DecompressOptions['lz4'],
): readonly KafkaRecord[] {
  return readBatch(readHeader(bytes, 0), bytes, place, from, { maxBatchBytes, lz4 })
}

/** A batch without records that moves the position: control records, or an aborted transaction. */
export function createMarker(place: BatchPlace, nextOffset: number): RecordBatch {
  const { topic, partition, from, endOffset } = place
  return {
    ...{ topic, partition, from, nextOffset, endOffset },
    ...{ count: 0, bytes: 0, firstTimestamp: Date.now(), damage: null },
    read: () => [],
    detach: () => {},
  }
}

/** Represents a batch that cannot be read and is to become one dead letter. */
export function createDamaged(place: BatchPlace, found: BatchDamage): RecordBatch {
  const { topic, partition, from, endOffset } = place
  let damage = found
  let isDetached = false
  return {
    ...{ topic, partition, from, endOffset },
    nextOffset: found.lastOffset + 1,
    count: 1,
    bytes: found.raw.length,
    firstTimestamp: Date.now(),
    get damage() {
      return damage
    },
    read() {
      throw damage.error
    },
    detach() {
      if (isDetached) return
      damage = { ...damage, raw: Buffer.from(damage.raw) }
      isDetached = true
    },
  }
}

/**
 * The type of the marker in a control batch; null for control records that end no transaction, and
 * for a batch emptied by compaction.
 * @throws OccError OCC_BATCH_CORRUPT, and whatever `read` throws
 */
export function readControlType(
  header: BatchHeader,
  raw: Buffer,
  place: TopicPartition,
  options: DecompressOptions,
): ControlType {
  const [record] = readBatch(header, raw, place, header.baseOffset, options)
  if (record === undefined) return null
  const { key } = record
  // Version and type, an int16 each. Fields of later versions are ignored.
  if (key === null || key.length < 4) {
    throw corrupt(place, header.baseOffset, 'it is a control batch whose record has no type')
  }
  const type = key.readInt16BE(2)
  if (type === 0) return 'abort'
  return type === 1 ? 'commit' : null
}

function readBatch(
  header: BatchHeader,
  raw: Buffer,
  place: TopicPartition,
  from: number,
  options: DecompressOptions,
): KafkaRecord[] {
  const { codec, baseOffset } = header
  const packed = raw.subarray(HEADER_BYTES)
  // A batch emptied by compaction has no body, whatever its codec.
  const isEmpty = header.count === 0 && packed.length === 0
  const body = isEmpty ? packed : decompressRecords(codec, packed, options, place, baseOffset)
  return decodeRecords(body, header, place, from)
}
