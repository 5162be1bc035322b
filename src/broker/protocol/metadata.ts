import type { Api, Throttled } from './api.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

export interface MetadataRequest {
  /** Empty: requests only the brokers; null: all topics that the user may see. */
  readonly topics: readonly string[] | null
}

export interface BrokerMetadata {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export interface PartitionMetadata {
  readonly error: number
  readonly partition: number
  /** Id of a broker; -1: none. */
  readonly leader: number
  /** -1: not known. */
  readonly leaderEpoch: number
  /** Brokers with a replica. */
  readonly replicas: readonly number[]
  /** Brokers with in-sync replicas, including the leader. */
  readonly inSync: readonly number[]
}

export interface TopicMetadata {
  readonly error: number
  readonly topic: string
  /** UUID as text; null if the broker does not report it. */
  readonly topicId: string | null
  readonly partitions: readonly PartitionMetadata[]
}

export interface MetadataResponse extends Throttled {
  readonly brokers: readonly BrokerMetadata[]
  readonly controllerId: number
  readonly topics: readonly TopicMetadata[]
}

const FLEXIBLE = 9
const TOPIC_IDS = 10

/** Version 7 adds leader epochs, 10 topic ids. Requests never create topics. */
export const metadataApi: Api<MetadataRequest, MetadataResponse> = {
  name: 'Metadata',
  key: 3,
  versions: [5, 7, 10, 12],
  flexibleFrom: FLEXIBLE,
  encode(writer, { topics }, version) {
    if (version >= FLEXIBLE) {
      encodeFlexible(writer, topics, version)
      return
    }
    writer.nullableArray(topics, (topic) => writer.string(topic)).boolean(false)
  },
  decode: (reader, version) =>
    version >= FLEXIBLE ? decodeFlexible(reader, version) : decode(reader, version),
}

function encodeFlexible(writer: Writer, topics: MetadataRequest['topics'], version: number): void {
  writer.compactNullableArray(topics, (topic) => {
    // A zero id: the topic is requested by name.
    writer.int64(0).int64(0).compactString(topic).noTags()
  })
  // No automatic topic creation, no authorized operations.
  writer.boolean(false)
  if (version < 11) writer.boolean(false)
  writer.boolean(false).noTags()
}

function decode(reader: Reader, version: number): MetadataResponse {
  const throttle = reader.int32()
  const brokers = reader.array(() => ({
    id: reader.int32(),
    host: reader.string(),
    port: reader.int32(),
    rack: reader.nullableString(),
  }))
  reader.nullableString() // cluster id
  const controllerId = reader.int32()
  const topics = reader.array(() => {
    const error = reader.int16()
    const topic = reader.string()
    reader.boolean() // is internal
    const partitions = reader.array(() => {
      const leading = decodeLeader(reader, version)
      const [replicas = [], inSync = []] = LISTS.map(() => reader.array(() => reader.int32()))
      return { ...leading, replicas, inSync }
    })
    return { error, topic, topicId: null, partitions }
  })
  return { throttle, brokers, controllerId, topics }
}

function decodeFlexible(reader: Reader, version: number): MetadataResponse {
  const throttle = reader.int32()
  const brokers = reader.compactArray(() => {
    const broker = {
      id: reader.int32(),
      host: reader.compactString(),
      port: reader.int32(),
      rack: reader.compactNullableString(),
    }
    reader.skipTags()
    return broker
  })
  reader.compactNullableString() // cluster id
  const controllerId = reader.int32()
  const topics = reader.compactArray(() => decodeFlexibleTopic(reader, version))
  if (version < 11) reader.int32() // what may be done with the cluster
  reader.skipTags()
  return { throttle, brokers, controllerId, topics }
}

function decodeFlexibleTopic(reader: Reader, version: number): TopicMetadata {
  const error = reader.int16()
  const topic = reader.compactNullableString() ?? ''
  const topicId = version >= TOPIC_IDS ? reader.uuid() : null
  reader.boolean() // is internal
  const partitions = reader.compactArray(() => {
    const leading = decodeLeader(reader, version)
    const [replicas = [], inSync = []] = LISTS.map(() => reader.compactArray(() => reader.int32()))
    reader.skipTags()
    return { ...leading, replicas, inSync }
  })
  reader.int32() // what may be done with the topic
  reader.skipTags()
  return { error, topic, topicId, partitions }
}

/** The lists after the leader of a partition: its replicas. */
const LISTS = ['all', 'in sync', 'offline']

function decodeLeader(
  reader: Reader,
  version: number,
): Omit<PartitionMetadata, 'replicas' | 'inSync'> {
  return {
    error: reader.int16(),
    partition: reader.int32(),
    leader: reader.int32(),
    leaderEpoch: version >= 7 ? reader.int32() : -1,
  }
}
