import type { Api, Throttled } from './api.ts'
import type { OfTopic } from './by-topic.ts'

export interface LogDirsRequest {
  readonly topics: ReadonlyArray<OfTopic<number>>
}

export interface LogDirsResponse extends Throttled {
  /** The folders of one broker. */
  readonly folders: ReadonlyArray<{
    readonly error: number
    readonly topics: ReadonlyArray<{
      readonly topic: string
      readonly partitions: ReadonlyArray<{
        readonly partition: number
        /** Bytes on the disk. */
        readonly size: number
        /** The replica moves to this folder; until then another one is used. */
        readonly isFuture: boolean
      }>
    }>
  }>
}

/** Asks a broker for the sizes of its replicas. */
export const logDirsApi: Api<LogDirsRequest, LogDirsResponse> = {
  name: 'DescribeLogDirs',
  key: 35,
  versions: [1],
  encode(writer, { topics }) {
    writer.array(topics, ({ topic, partitions }) => {
      writer.string(topic).array(partitions, (partition) => writer.int32(partition))
    })
  },
  decode: (reader) => ({
    throttle: reader.int32(),
    folders: reader.array(() => {
      const error = reader.int16()
      reader.string() // the folder
      const topics = reader.array(() => ({
        topic: reader.string(),
        partitions: reader.array(() => {
          const partition = reader.int32()
          const size = reader.int64()
          reader.int64() // how far a future replica is behind
          return { partition, size, isFuture: reader.boolean() }
        }),
      }))
      return { error, topics }
    }),
  }),
}
