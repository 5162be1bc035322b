import { ask, type WireReader, WireWriter } from '../../../../dev/kafka/wire.ts'

const TIMEOUT = 2_000
/** Of a look at a partition's log, which nobody else can answer. */
const LOOK_TIMEOUT = 10_000
/** Lower halves of the times that ListOffsets takes for these; the upper one is -1. */
const LATEST = -1
const EARLIEST = -2

/** What a coordinator says of the group. */
export interface GroupOffsets {
  /** `host:port` of the node that answered. */
  readonly coordinator: string
  readonly byPartition: ReadonlyMap<number, number>
}

/**
 * The committed offsets of a topic, asked for as directly as can be: kafkajs's admin fails for all
 * partitions where one has no leader. Rejects where nobody can tell now.
 */
export async function readCommitted(
  addresses: readonly string[],
  groupId: string,
  topic: string,
): Promise<GroupOffsets> {
  // A node that was frozen takes itself for the coordinator for a moment, with offsets of then.
  const named = new Set<string>()
  for (const address of addresses) named.add(await findCoordinator(address, groupId))
  const [coordinator] = named
  if (coordinator === undefined || named.size > 1) throw new Error('They do not agree.')
  return { coordinator, byPartition: await fetchOffsets(coordinator, groupId, topic) }
}

/** Where each of these partitions ends, as the node that leads them all says. */
export function readEnds(address: string, topic: string, partitions: readonly number[]) {
  return readOffsets(address, topic, partitions, LATEST)
}

/** The same of where each begins. */
export function readStarts(address: string, topic: string, partitions: readonly number[]) {
  return readOffsets(address, topic, partitions, EARLIEST)
}

async function readOffsets(
  address: string,
  topic: string,
  partitions: readonly number[],
  time: number,
): Promise<Map<number, number>> {
  const body = new WireWriter().int32(-1)
  body.array([topic], () => {
    body.string(topic).array(partitions, (partition) => {
      body.int32(partition).int32(-1).int32(time)
    })
  })
  const request = { apiKey: 2, apiVersion: 1, flexible: false, body }
  const reader = await ask(address, request, LOOK_TIMEOUT)
  const ends = new Map<number, number>()
  reader.array(() => {
    reader.string()
    reader.array(() => {
      const [partition, code] = [reader.int32(), reader.int16()]
      int64(reader)
      const offset = int64(reader)
      if (code === 0) ends.set(partition, offset)
    })
  })
  return ends
}

async function findCoordinator(address: string, groupId: string): Promise<string> {
  const body = new WireWriter().string(groupId).int8(0)
  const reader = await ask(address, { apiKey: 10, apiVersion: 1, flexible: false, body }, TIMEOUT)
  reader.int32() // throttle time
  const code = reader.int16()
  reader.string()
  reader.int32() // its node id
  const [host, port] = [reader.string(), reader.int32()]
  if (code !== 0) throw new Error(`${address} knows no coordinator (code ${code})`)
  return `${host}:${port}`
}

async function fetchOffsets(address: string, groupId: string, topic: string) {
  const body = new WireWriter().string(groupId).int32(-1)
  const reader = await ask(address, { apiKey: 9, apiVersion: 2, flexible: false, body }, TIMEOUT)
  const offsets = new Map<number, number>()
  reader.array(() => {
    const name = reader.string()
    reader.array(() => {
      const [partition, offset] = [reader.int32(), int64(reader)]
      reader.string() // metadata
      if (reader.int16() === 0 && name === topic && offset >= 0) offsets.set(partition, offset)
    })
  })
  const code = reader.int16()
  if (code !== 0) throw new Error(`${address} does not tell the offsets (code ${code})`)
  return offsets
}

function int64(reader: WireReader): number {
  const high = reader.int32()
  return high * 2 ** 32 + (reader.int32() >>> 0)
}
