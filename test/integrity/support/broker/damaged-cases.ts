import { open } from 'node:fs/promises'
import type { EmbeddedNode } from '../../../../dev/kafka/cluster-types.ts'
import type { DamageKind } from '../../../../dev/kafka/damage/damage.ts'
import { findBatch, type StoredBatch } from '../../../../dev/kafka/damage/segments.ts'
import { type BatchProducer, createBatchProducer } from '../../../support/records/produce-batch.ts'
import { CODECS, writeBatch } from '../../../support/records/record-batches.ts'
import { brokerOptions, type Scene } from '../setup.ts'

/** Each partition of a case gets three batches of this many records; of one, the second is damaged. */
export const BATCH_RECORDS = 40
export const CASE_PARTITIONS = 3
/** The one in the middle: there is one on either side of it. */
export const DAMAGED = 1
const BATCHES = 3
const KINDS: readonly DamageKind[] = ['payload', 'crc', 'codec', 'content']
/** Unpacked: far more than the limit, which is 64 MiB. */
const HUGE_VALUE = 300_000_000

/** A topic with one batch that cannot be read. */
export interface DamagedCase {
  readonly topic: string
  /** As /lag names it. */
  readonly codec: string
  readonly firstOffset: number
  readonly lastOffset: number
  /** The whole batch as it lies on the broker's disk. */
  readonly raw: Buffer
}

/** One topic for each codec and kind of damage. */
export async function makeDamagedCases(scene: Scene): Promise<DamagedCase[]> {
  const node = nodeOf(scene)
  const producer = createBatchProducer(brokerOptions(scene.brokers))
  const cases: DamagedCase[] = []
  for (const [codec, name] of CODECS.entries()) {
    for (const how of KINDS) {
      const topic = `${name}.${how}`
      await fill(scene, producer, topic, (batch) => goodBatch(codec, batch))
      const stored = await node.damage(topic, DAMAGED, { offset: BATCH_RECORDS, how })
      cases.push(await caseOf(topic, how === 'codec' ? '5' : name, stored))
    }
  }
  producer.close()
  return cases
}

/** A batch of some ten kilobytes that would fill the memory once it is unpacked. */
export async function makeHugeCase(scene: Scene): Promise<DamagedCase> {
  const topic = 'zstd.huge'
  const codec = CODECS.indexOf('zstd')
  const producer = createBatchProducer(brokerOptions(scene.brokers))
  const huge = writeBatch({ codec, records: [{ value: Buffer.alloc(HUGE_VALUE) }] })
  await fill(scene, producer, topic, (batch, partition) =>
    batch === 1 && partition === DAMAGED ? huge : goodBatch(codec, batch),
  )
  producer.close()
  const { dataFolder } = nodeOf(scene)
  return caseOf(topic, 'zstd', await findBatch(dataFolder, topic, DAMAGED, BATCH_RECORDS))
}

async function fill(
  { kafka }: Scene,
  producer: BatchProducer,
  topic: string,
  make: (batch: number, partition: number) => Buffer,
): Promise<void> {
  await kafka.cluster.createTopic(topic, { partitions: CASE_PARTITIONS, factor: 1 })
  for (let batch = 0; batch < BATCHES; batch++) {
    for (let partition = 0; partition < CASE_PARTITIONS; partition++) {
      await producer.produce({ topic, partition }, make(batch, partition))
    }
  }
}

function goodBatch(codec: number, batch: number): Buffer {
  const baseTimestamp = Date.now()
  const records = Array.from({ length: BATCH_RECORDS }, (_, index) => ({
    value: `record ${index} of batch ${batch}: ${'as long as others are. '.repeat(9)}`,
    timestamp: baseTimestamp,
  }))
  return writeBatch({ codec, records, baseTimestamp })
}

function nodeOf({ kafka }: Scene): EmbeddedNode {
  const [node] = kafka.nodes
  if (node === undefined) throw new Error('Kafka has no node')
  return node
}

async function caseOf(topic: string, codec: string, stored: StoredBatch): Promise<DamagedCase> {
  const raw = Buffer.alloc(stored.bytes)
  const handle = await open(stored.file)
  await handle.read(raw, 0, raw.length, stored.position)
  await handle.close()
  return { topic, codec, firstOffset: stored.baseOffset, lastOffset: stored.lastOffset, raw }
}
