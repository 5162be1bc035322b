import { crc32c } from '../../../../src/broker/batch/crc32c.ts'
import { writeBatch, writeMarker } from '../../../support/records/record-batches.ts'

export type Random = (below: number) => number

/** What is wrong with a batch for a while: bytes that are not as they were, or make no sense. */
export type Trouble = 'crc' | 'content' | 'length' | null

export interface ModelBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly bytes: Buffer
  /** Offsets of its records that a reader of committed ones gets. */
  readonly offsets: readonly number[]
  trouble: Trouble
  /** Fetches until the trouble is over. */
  troubleFor: number
}

/** The log of one partition: batches, markers, aborted ones, emptied ones and holes between them. */
export class ModelLog {
  readonly batches: ModelBatch[] = []
  readonly aborted: Array<{ readonly producerId: bigint; readonly firstOffset: number }> = []
  leader: number
  leaderEpoch = 0
  end = 0

  constructor(leader: number) {
    this.leader = leader
  }

  /** Offsets of all records that are to come, in their order. */
  get offsets(): number[] {
    return this.batches.flatMap(({ offsets }) => offsets)
  }

  append(random: Random): void {
    const baseOffset = this.end + (random(8) === 0 ? random(5) : 0)
    const kind = random(10)
    if (kind === 0) this.#appendAborted(baseOffset, random)
    else if (kind === 1) this.#appendEmptied(baseOffset, random)
    else this.#appendRecords(baseOffset, random)
  }

  #appendRecords(baseOffset: number, random: Random): void {
    const count = 1 + random(6)
    const offsets: number[] = []
    let offset = baseOffset
    for (let index = 0; index < count; index++) {
      offsets.push(offset)
      offset += 1 + (random(6) === 0 ? random(4) : 0)
    }
    const records = offsets.map((each) => ({ offset: each, value: `${each}` }))
    // Compaction keeps the last offset where the last record is gone.
    const lastOffset = (offsets.at(-1) ?? baseOffset) + random(2)
    const lastOffsetDelta = lastOffset - baseOffset
    this.#push({ baseOffset, records, lastOffsetDelta, codec: random(3) === 0 ? 1 : 0 }, offsets)
  }

  #appendEmptied(baseOffset: number, random: Random): void {
    this.#push({ baseOffset, records: [], lastOffsetDelta: random(5) }, [])
  }

  #appendAborted(baseOffset: number, random: Random): void {
    const producerId = BigInt(1000 + this.batches.length)
    const records = Array.from({ length: 1 + random(3) }, () => ({ value: 'aborted' }))
    this.#push({ baseOffset, records, producerId, transactional: true }, [])
    this.aborted.push({ producerId, firstOffset: baseOffset })
    const at = this.end
    this.#pushBytes(at, at, writeMarker('abort', producerId, at), [])
  }

  #push(batch: Parameters<typeof writeBatch>[0], offsets: readonly number[]): void {
    const bytes = writeBatch({ ...batch, leaderEpoch: this.leaderEpoch })
    const baseOffset = batch.baseOffset ?? 0
    this.#pushBytes(baseOffset, baseOffset + bytes.readInt32BE(23), bytes, offsets)
  }

  #pushBytes(
    baseOffset: number,
    lastOffset: number,
    bytes: Buffer,
    offsets: readonly number[],
  ): void {
    this.batches.push({ baseOffset, lastOffset, bytes, offsets, trouble: null, troubleFor: 0 })
    this.end = lastOffset + 1
  }

  /** As a broker does it: whole batches from the one that holds the offset on, one at least. */
  read(offset: number, maxBytes: number, isFirst: boolean): Buffer {
    const found: Buffer[] = []
    let total = 0
    for (const batch of this.batches) {
      if (batch.lastOffset < offset) continue
      const isAllowed = total + batch.bytes.length <= maxBytes || (isFirst && total === 0)
      if (!isAllowed) break
      found.push(served(batch))
      total += batch.bytes.length
    }
    return Buffer.concat(found)
  }
}

function served(batch: ModelBatch): Buffer {
  const { trouble, bytes } = batch
  if (trouble === null) return bytes
  batch.troubleFor -= 1
  if (batch.troubleFor <= 0) batch.trouble = null
  const copy = Buffer.from(bytes)
  if (trouble === 'crc') copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 0xff
  else if (trouble === 'length') copy.writeInt32BE(1 << 28, 8)
  else {
    // Its checksum matches: the damage shows only when it is parsed.
    copy[copy.length > 61 ? 61 : 60] = 0xff
    copy.writeUInt32BE(crc32c(copy, 21), 17)
  }
  return copy
}
