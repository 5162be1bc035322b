// The few administrative requests that tests need, sent directly: kafkajs has no ElectLeaders, and
// its metadata request fails as a whole if one partition has no leader. Every broker forwards
// requests for the controller. Source of the formats:
// kafka/clients/src/main/resources/common/message.
import { ask, WireWriter } from './wire.ts'

const TIMEOUT = 5_000

/** An error code of Kafka's protocol, and what it is about. */
export interface Refusal {
  readonly code: number
  readonly about: string
}

export interface PartitionState {
  readonly partition: number
  /** A node id; -1: none. */
  readonly leader: number
  /** Node ids, the preferred leader first. */
  readonly replicas: readonly number[]
  readonly inSync: readonly number[]
}

export interface TopicState {
  readonly topic: string
  /** Error code of Kafka's protocol; 0: none. */
  readonly code: number
  readonly partitions: readonly PartitionState[]
}

export interface ClusterView {
  /** Ids of known nodes that are not fenced. */
  readonly nodes: readonly number[]
  readonly topics: readonly TopicState[]
}

export interface PartitionMove {
  readonly topic: string
  readonly partition: number
  /** Node ids, the preferred leader first. */
  readonly replicas: readonly number[]
}

export interface NewTopic {
  readonly topic: string
  /** The replicas of each partition, the preferred leader first; empty: Kafka chooses. */
  readonly assignments: readonly (readonly number[])[]
  readonly partitions: number
  /** -1: the broker's default. */
  readonly factor: number
  readonly config: Readonly<Record<string, string>>
}

/** Nodes and topics as seen by one node; all topics if none is named. */
export async function readCluster(
  address: string,
  topics?: readonly string[],
): Promise<ClusterView> {
  const body = new WireWriter()
  if (topics === undefined) body.int32(-1)
  else body.array(topics, (name) => body.string(name))
  const reader = await ask(address, { apiKey: 3, apiVersion: 1, flexible: false, body })
  const nodes = reader.array(() => {
    const id = reader.int32()
    reader.string() // host
    reader.int32() // port
    reader.string() // rack
    return id
  })
  reader.int32() // the controller
  const found = reader.array(() => {
    const code = reader.int16()
    const topic = reader.string()
    reader.int8() // internal
    const partitions = reader.array(() => {
      reader.int16() // its error code only repeats what leader -1 says
      const [partition, leader] = [reader.int32(), reader.int32()]
      const replicas = reader.array(() => reader.int32())
      const inSync = reader.array(() => reader.int32())
      return { partition, leader, replicas, inSync }
    })
    return { topic, code, partitions: partitions.sort((a, b) => a.partition - b.partition) }
  })
  return { nodes, topics: found }
}

export async function createTopic(address: string, topic: NewTopic): Promise<Refusal[]> {
  const given = topic.assignments.length > 0
  const body = new WireWriter()
  body.array([topic], () => {
    body.string(topic.topic)
    body.int32(given ? -1 : topic.partitions).int16(given ? -1 : topic.factor)
    body.array([...topic.assignments.entries()], ([partition, replicas]) => {
      body.int32(partition).array(replicas, (id) => body.int32(id))
    })
    body.array(Object.entries(topic.config), ([name, value]) => body.string(name).string(value))
  })
  body.int32(TIMEOUT).int8(0)
  const reader = await ask(address, { apiKey: 19, apiVersion: 4, flexible: false, body })
  reader.int32() // throttle time
  return reader.array(() => {
    const name = reader.string()
    return { code: reader.int16(), about: `the topic ${name}: ${reader.string()}` }
  })
}

/** As the member itself would. */
export async function leaveGroup(address: string, group: string, member: string): Promise<void> {
  const body = new WireWriter().string(group).string(member)
  await ask(address, { apiKey: 13, apiVersion: 0, flexible: false, body })
}

export async function startMoves(
  address: string,
  moves: readonly PartitionMove[],
): Promise<Refusal[]> {
  const body = new WireWriter().int32(TIMEOUT)
  body.compactArray(moves, ({ topic, partition, replicas }) => {
    body.compactString(topic)
    body.compactArray([partition], () => {
      body.int32(partition).compactArray(replicas, (id) => body.int32(id))
      body.noTags()
    })
    body.noTags()
  })
  const reader = await ask(address, {
    ...{ apiKey: 45, apiVersion: 0, flexible: true },
    body: body.noTags(),
  })
  reader.int32() // throttle time
  const whole = { code: reader.int16(), about: reader.compactString() }
  const each = reader.compactArray(() => {
    const name = reader.compactString()
    const refusals = reader.compactArray(() => {
      const partition = reader.int32()
      const code = reader.int16()
      const about = `${name}-${partition}: ${reader.compactString()}`
      reader.skipTags()
      return { code, about }
    })
    reader.skipTags()
    return refusals
  })
  return [whole, ...each.flat()]
}

/** Number of topics with moving partitions. */
export async function countMoves(address: string): Promise<{ refusal: Refusal; topics: number }> {
  // A null array (0): all topics.
  const body = new WireWriter().int32(TIMEOUT).uvarint(0).noTags()
  const reader = await ask(address, { apiKey: 46, apiVersion: 0, flexible: true, body })
  reader.int32() // throttle time
  const refusal = { code: reader.int16(), about: reader.compactString() }
  return { refusal, topics: Math.max(reader.uvarint() - 1, 0) }
}

/** Elects the preferred leaders, of all partitions if none is named. */
export async function electLeaders(
  address: string,
  topic?: string,
  partitions: readonly number[] = [],
): Promise<Refusal[]> {
  const PREFERRED = 0
  const body = new WireWriter().int8(PREFERRED)
  if (topic === undefined) body.int32(-1)
  else {
    body.array([topic], () => {
      body.string(topic).array(partitions, (partition) => body.int32(partition))
    })
  }
  body.int32(TIMEOUT)
  const reader = await ask(address, { apiKey: 43, apiVersion: 1, flexible: false, body })
  reader.int32() // throttle time
  const whole = { code: reader.int16(), about: 'the election' }
  const each = reader.array(() => {
    const name = reader.string()
    return reader.array(() => {
      const partition = reader.int32()
      const code = reader.int16()
      return { code, about: `${name}-${partition}: ${reader.string()}` }
    })
  })
  return [whole, ...each.flat()]
}
