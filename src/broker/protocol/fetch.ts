import { type Api, NO_REPLICA, type Throttled } from './api.ts'
import type { Reader } from './reader.ts'

const NOTHING = Buffer.alloc(0)

export interface FetchRequest {
  /** Max milliseconds that the broker waits for `minBytes`. */
  readonly maxWait: number
  readonly minBytes: number
  /** Limit for the whole answer; the first batch is sent even if it is larger. */
  readonly maxBytes: number
  readonly readUncommitted: boolean
  /** 0 and -1: no session, all partitions are listed each time. */
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly topics: ReadonlyArray<{
    readonly topic: string
    readonly partitions: ReadonlyArray<{
      readonly partition: number
      /** Leader epoch as known; -1: unchecked. */
      readonly leaderEpoch: number
      readonly offset: number
      readonly maxBytes: number
    }>
  }>
  /** Partitions to remove from the session. */
  readonly forgotten: ReadonlyArray<{
    readonly topic: string
    readonly partitions: readonly number[]
  }>
  /** Rack of this consumer; empty: not known. */
  readonly rackId: string
}

export interface FetchedPartition {
  readonly partition: number
  readonly error: number
  readonly highWatermark: number
  /** -1: not known. */
  readonly lastStableOffset: number
  readonly logStartOffset: number
  /** Aborted transactions in these records. */
  readonly aborted: ReadonlyArray<{ readonly producerId: bigint; readonly firstOffset: number }>
  /** Id of the broker to fetch from instead; -1: none. */
  readonly preferredReadReplica: number
  /** Record batches, the last of which may be truncated. Shares the memory of the answer. */
  readonly records: Buffer
}

export interface FetchResponse extends Throttled {
  readonly error: number
  readonly sessionId: number
  readonly topics: ReadonlyArray<{
    readonly topic: string
    readonly partitions: readonly FetchedPartition[]
  }>
}

export const fetchApi: Api<FetchRequest, FetchResponse> = {
  name: 'Fetch',
  key: 1,
  versions: [11],
  encode(writer, request) {
    writer
      .int32(NO_REPLICA)
      .int32(request.maxWait)
      .int32(request.minBytes)
      .int32(request.maxBytes)
      .int8(request.readUncommitted ? 0 : 1)
      .int32(request.sessionId)
      .int32(request.sessionEpoch)
      .array(request.topics, ({ topic, partitions }) => {
        writer.string(topic).array(partitions, ({ partition, leaderEpoch, offset, maxBytes }) => {
          // -1 is the log start offset, which only followers set.
          writer.int32(partition).int32(leaderEpoch).int64(offset).int64(-1).int32(maxBytes)
        })
      })
      .array(request.forgotten, ({ topic, partitions }) => {
        writer.string(topic).array(partitions, (partition) => writer.int32(partition))
      })
      .string(request.rackId)
  },
  decode: (reader) => ({
    throttle: reader.int32(),
    error: reader.int16(),
    sessionId: reader.int32(),
    topics: reader.array(() => ({
      topic: reader.string(),
      partitions: reader.array(() => decodePartition(reader)),
    })),
  }),
}

function decodePartition(reader: Reader): FetchedPartition {
  return {
    partition: reader.int32(),
    error: reader.int16(),
    highWatermark: reader.int64(),
    lastStableOffset: reader.int64(),
    logStartOffset: reader.int64(),
    aborted:
      reader.nullableArray(() => ({
        producerId: reader.bigint64(),
        firstOffset: reader.int64(),
      })) ?? [],
    preferredReadReplica: reader.int32(),
    records: reader.nullableBytes() ?? NOTHING,
  }
}
