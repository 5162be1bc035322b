import { type Api, NO_REPLICA, type Throttled } from './api.ts'

/** Timestamps that request an end of the log. */
export const EARLIEST = -2
export const LATEST = -1

export interface ListOffsetsRequest {
  /** false: `LATEST` is the last stable offset, before any open transaction. */
  readonly readUncommitted: boolean
  readonly topics: ReadonlyArray<{
    readonly topic: string
    readonly partitions: ReadonlyArray<{
      readonly partition: number
      /** Leader epoch as known; -1: unchecked. */
      readonly leaderEpoch: number
      /** Milliseconds since the epoch; or `EARLIEST`, `LATEST`. */
      readonly timestamp: number
    }>
  }>
}

export interface ListOffsetsResponse extends Throttled {
  readonly topics: ReadonlyArray<{
    readonly topic: string
    readonly partitions: ReadonlyArray<{
      readonly partition: number
      readonly error: number
      /** Leader epoch of the record found; -1 at the ends of the log. */
      readonly timestamp: number
      readonly offset: number
      readonly leaderEpoch: number
    }>
  }>
}

export const listOffsetsApi: Api<ListOffsetsRequest, ListOffsetsResponse> = {
  name: 'ListOffsets',
  key: 2,
  versions: [4, 5],
  encode(writer, { readUncommitted, topics }) {
    writer
      .int32(NO_REPLICA)
      .int8(readUncommitted ? 0 : 1)
      .array(topics, ({ topic, partitions }) => {
        writer.string(topic).array(partitions, ({ partition, leaderEpoch, timestamp }) => {
          writer.int32(partition).int32(leaderEpoch).int64(timestamp)
        })
      })
  },
  decode: (reader) => ({
    throttle: reader.int32(),
    topics: reader.array(() => ({
      topic: reader.string(),
      partitions: reader.array(() => ({
        partition: reader.int32(),
        error: reader.int16(),
        // A producer may have written any 64 bits as a timestamp.
        timestamp: Number(reader.bigint64()),
        offset: reader.int64(),
        leaderEpoch: reader.int32(),
      })),
    })),
  }),
}

export interface OffsetForLeaderEpochRequest {
  readonly topics: ReadonlyArray<{
    readonly topic: string
    readonly partitions: ReadonlyArray<{
      readonly partition: number
      /** Leader epoch as known; -1: unchecked. */
      readonly currentLeaderEpoch: number
      /** The epoch whose end is requested. */
      readonly leaderEpoch: number
    }>
  }>
}

export interface OffsetForLeaderEpochResponse extends Throttled {
  readonly topics: ReadonlyArray<{
    readonly topic: string
    readonly partitions: ReadonlyArray<{
      readonly partition: number
      readonly error: number
      /** The largest epoch up to the requested one; -1: none. */
      readonly leaderEpoch: number
      /** Where that epoch ends; -1: not known. */
      readonly endOffset: number
    }>
  }>
}

export const offsetForLeaderEpochApi: Api<
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse
> = {
  name: 'OffsetForLeaderEpoch',
  key: 23,
  versions: [2, 3],
  encode(writer, { topics }, version) {
    if (version >= 3) writer.int32(NO_REPLICA)
    writer.array(topics, ({ topic, partitions }) => {
      writer.string(topic).array(partitions, ({ partition, currentLeaderEpoch, leaderEpoch }) => {
        writer.int32(partition).int32(currentLeaderEpoch).int32(leaderEpoch)
      })
    })
  },
  decode: (reader) => ({
    throttle: reader.int32(),
    topics: reader.array(() => ({
      topic: reader.string(),
      partitions: reader.array(() => {
        const error = reader.int16()
        return {
          partition: reader.int32(),
          error,
          leaderEpoch: reader.int32(),
          endOffset: reader.int64(),
        }
      }),
    })),
  }),
}
