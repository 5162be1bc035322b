import type { Api, Throttled } from './api.ts'
import type { MemberIdentity } from './membership.ts'

export interface OffsetCommitRequest extends MemberIdentity {
  readonly topics: ReadonlyArray<{
    readonly topic: string
    readonly partitions: ReadonlyArray<{
      readonly partition: number
      readonly offset: number
      /** Leader epoch of the last record below the offset; -1: not known. */
      readonly leaderEpoch: number
      readonly metadata: string | null
    }>
  }>
}

export interface OffsetCommitResponse extends Throttled {
  readonly topics: ReadonlyArray<{
    readonly topic: string
    readonly partitions: ReadonlyArray<{ readonly partition: number; readonly error: number }>
  }>
}

export const offsetCommitApi: Api<OffsetCommitRequest, OffsetCommitResponse> = {
  name: 'OffsetCommit',
  key: 8,
  versions: [7],
  encode(writer, request) {
    writer
      .string(request.groupId)
      .int32(request.generation)
      .string(request.memberId)
      .nullableString(request.groupInstanceId)
      .array(request.topics, ({ topic, partitions }) => {
        writer.string(topic).array(partitions, ({ partition, offset, leaderEpoch, metadata }) => {
          writer.int32(partition).int64(offset).int32(leaderEpoch).nullableString(metadata)
        })
      })
  },
  decode: (reader) => ({
    throttle: reader.int32(),
    topics: reader.array(() => ({
      topic: reader.string(),
      partitions: reader.array(() => ({ partition: reader.int32(), error: reader.int16() })),
    })),
  }),
}

export interface OffsetFetchRequest {
  readonly groupId: string
  /** null: all offsets that the group has committed. */
  readonly topics: ReadonlyArray<{
    readonly topic: string
    readonly partitions: readonly number[]
  }> | null
}

export interface OffsetFetchResponse extends Throttled {
  readonly error: number
  readonly topics: ReadonlyArray<{
    readonly topic: string
    readonly partitions: ReadonlyArray<{
      readonly partition: number
      /** -1: none is committed. */
      readonly offset: number
      /** -1: not known. */
      readonly leaderEpoch: number
      readonly metadata: string | null
      readonly error: number
    }>
  }>
}

export const offsetFetchApi: Api<OffsetFetchRequest, OffsetFetchResponse> = {
  name: 'OffsetFetch',
  key: 9,
  versions: [5],
  encode(writer, { groupId, topics }) {
    writer.string(groupId).nullableArray(topics, ({ topic, partitions }) => {
      writer.string(topic).array(partitions, (partition) => writer.int32(partition))
    })
  },
  decode(reader) {
    const throttle = reader.int32()
    const topics = reader.array(() => ({
      topic: reader.string(),
      partitions: reader.array(() => ({
        partition: reader.int32(),
        offset: reader.int64(),
        leaderEpoch: reader.int32(),
        metadata: reader.nullableString(),
        error: reader.int16(),
      })),
    }))
    return { throttle, error: reader.int16(), topics }
  },
}
