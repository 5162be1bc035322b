import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { metric } from '../../support/metric.ts'
import { createRandom } from '../../support/random.ts'
import { until } from '../../support/waiting.ts'
import { printFigures, readHandled } from '../support/accounting.ts'
import {
  countBatches,
  createTransactionWriter,
  readByJava,
  type TransactionWriter,
} from '../support/broker/transactions.ts'
import type { Service } from '../support/service.ts'
import { createScene, type Scene } from '../support/setup.ts'
import { TEXT } from '../support/text-records.ts'

const PRODUCERS = 4
const STEPS = 160
const SEED = 11
/** Of the topic that is compacted. */
const ROUNDS = 12
const COMPACTED = 'compacted'
const CONFIG = { ...TEXT, lag: { interval: '500ms' } }

interface PartitionOfLag {
  readonly topic: string
  readonly end: number
  readonly committed: number
  readonly lag: number
  readonly stable: number | null
  readonly blockedByTransaction: {
    readonly records: number
    readonly since: string
    readonly ageSeconds: number
  } | null
}

test('overlapping transactions: the committed records, each once, in order; an open one is said', async (t) => {
  const scene = await createScene(t, { partitions: 1 })
  const writer = await createTransactionWriter(scene, scene.topic, PRODUCERS + 1)
  t.after(() => writer.close())
  await overlap(writer)
  // One that stays open, with others behind it.
  await writer.write(PRODUCERS, 3)
  const stable = Number(writer.written.at(-3)?.offset)
  await writer.writePlain(5)
  await writer.write(0, 2)
  await writer.end(0, 'commit')
  const service = await scene.run(CONFIG)
  const below = () => offsetsOf(writer, true).filter((offset) => offset < stable)
  await until(() => handledOffsets(scene).length >= below().length, 'all below the open one')
  await until(async () => (await lagOf(service)).stable !== null, 'the open transaction to be seen')
  const blocked = await untilCommitted(service, stable)
  assert.deepEqual(handledOffsets(scene), below())
  assert.ok(blocked.blockedByTransaction)
  assert.equal(blocked.lag, blocked.end - blocked.committed)
  assert.equal(blocked.stable, stable)
  assert.equal(blocked.blockedByTransaction.records, blocked.end - stable)
  const since = Date.parse(blocked.blockedByTransaction.since)
  const later = await lagOf(service)
  assert.equal(Date.parse(later.blockedByTransaction?.since ?? ''), since, 'since the same moment')
  const { body } = await service.get('/metrics')
  const inMetrics = metric(body, 'onchain_consumer_partition_blocked_by_transaction')
  assert.equal(inMetrics, blocked.end - stable)

  const ended = performance.now()
  await writer.end(PRODUCERS, 'commit')
  const released = await untilCaughtUp(service)
  const releasedAfter = performance.now() - ended
  assert.equal(released.committed, released.end)
  assert.deepEqual(handledOffsets(scene), offsetsOf(writer, true))
  // And one that is aborted: nothing comes of it, and nothing is left as lag.
  await writer.write(PRODUCERS, 4)
  const open = async () => (await lagOf(service)).blockedByTransaction !== null
  await until(open, 'the next open transaction to be seen')
  await writer.end(PRODUCERS, 'abort')
  const last = await untilCaughtUp(service)
  assert.deepEqual(handledOffsets(scene), offsetsOf(writer, true))

  const uncommitted = await readUncommitted(scene, writer)
  printFigures('transactions', {
    'records of committed transactions, and without': offsetsOf(writer, true).length,
    'records of aborted ones': offsetsOf(writer, false).length,
    handled: handledOffsets(scene).length,
    'behind the open transaction': blocked.end - stable,
    'from its end until lag 0 (ms)': Math.round(releasedAfter),
    'end offset, committed offset': `${last.end}, ${last.committed}`,
    'handled with read_uncommitted': uncommitted.length,
  })
  assert.deepEqual(uncommitted, offsetsOf(writer))
  assert.equal(await service.terminate(), 0)
})

test('compaction that emptied batches, in transactions: as Java reads it, and lag ends at 0', async (t) => {
  const scene = await createScene(t, { properties: { 'log.cleaner.backoff.ms': '200' } })
  const config = {
    ...{ 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.01' },
    ...{ 'segment.ms': '200', 'max.compaction.lag.ms': '500' },
  }
  await scene.kafka.cluster.createTopic(COMPACTED, { partitions: 1, factor: 1, config })
  const writer = await createTransactionWriter(scene, COMPACTED, PRODUCERS)
  t.after(() => writer.close())
  const [node] = scene.kafka.nodes
  assert.ok(node)
  for (let round = 0; round < ROUNDS; round++) {
    // Each of them is overwritten by the next round; the last batch of a producer stays, emptied.
    const producer = round % PRODUCERS
    await writer.write(producer, 3)
    await writer.write((producer + 1) % PRODUCERS, 3)
    await writer.end(producer, round % 3 === 0 ? 'abort' : 'commit')
  }
  for (let producer = 0; producer < PRODUCERS; producer++) await writer.end(producer, 'commit')
  const overwrite = (index: number) => `of ${Math.floor(index / 3)}, ${index % 3}`
  const count = () => countBatches(node.dataFolder, COMPACTED)
  const before = count().batches
  await until(async () => {
    // Segments are closed by what comes behind them.
    await writer.writePlain(3 * PRODUCERS, overwrite)
    return count().emptied > 0
  }, 'the log cleaner to have emptied batches')
  await writer.write(0, 3)
  await writer.end(0, 'abort')

  const javaBefore = await readByJava(scene, COMPACTED)
  const service = await scene.run(CONFIG, { KAFKA_TOPICS: COMPACTED })
  const end = await untilCaughtUp(service)
  const handled = handledOffsets(scene)
  const javaAfter = await readByJava(scene, COMPACTED)
  printFigures('compacted transactions', {
    'records written, committed': offsetsOf(writer, true).length,
    'batches before compaction': before,
    'batches emptied, of those on the disk': `${count().emptied} of ${count().batches}`,
    'handled, of what Java reads': `${handled.length} of ${javaBefore.length}`,
    'end offset, committed offset': `${end.end}, ${end.committed}`,
  })
  assert.ok(javaBefore.length > 0)
  // The cleaner may continue: what is left at the end must have come, and nothing that was gone before.
  assert.deepEqual(
    javaAfter.filter((offset) => !handled.includes(offset)),
    [],
  )
  assert.deepEqual(
    handled.filter((offset) => !javaBefore.includes(offset)),
    [],
  )
  assert.deepEqual(
    handled,
    [...new Set(handled)].sort((a, b) => a - b),
  )
  assert.equal(end.committed, end.end)
  assert.equal(await service.terminate(), 0)
})

/** Transactions of all producers, each begun, continued and ended at random between the others. */
async function overlap(writer: TransactionWriter): Promise<void> {
  const random = createRandom(SEED)
  for (let step = 0; step < STEPS; step++) {
    const producer = random(PRODUCERS)
    const action = random(10)
    if (action === 0) await writer.writePlain(1 + random(3))
    else if (action < 4) await writer.end(producer, random(2) === 0 ? 'abort' : 'commit')
    else await writer.write(producer, 1 + random(5))
  }
  for (let producer = 0; producer < PRODUCERS; producer++) {
    await writer.end(producer, producer % 2 === 0 ? 'abort' : 'commit')
  }
}

/** By a group of its own, to the end. */
async function readUncommitted(scene: Scene, writer: TransactionWriter): Promise<number[]> {
  const service = await scene.run(CONFIG, {
    KAFKA_GROUP_ID: 'uncommitted',
    KAFKA_ISOLATION_LEVEL: 'read_uncommitted',
    HANDLED_FILE: join(scene.folder, 'uncommitted.csv'),
  })
  const offsets = () => readHandled(scene.folder, 'uncommitted').map(({ offset }) => offset)
  await until(() => offsets().length >= writer.written.length, 'all, committed or not')
  await untilCaughtUp(service)
  assert.equal(await service.terminate(), 0)
  return offsets()
}

function offsetsOf({ written }: TransactionWriter, isCommitted?: boolean): number[] {
  return written
    .filter((record) => isCommitted === undefined || record.isCommitted === isCommitted)
    .map(({ offset }) => offset)
}

/** In the order of their handling. */
function handledOffsets({ folder }: Scene): number[] {
  return readHandled(folder).map(({ offset }) => offset)
}

async function lagOf(service: Service): Promise<PartitionOfLag> {
  let found: PartitionOfLag | undefined
  await until(async () => {
    found = JSON.parse((await service.get('/lag')).body).partitions[0]
    return found !== undefined
  }, 'the partition to be assigned')
  assert.ok(found)
  return found
}

async function untilCommitted(service: Service, offset: number): Promise<PartitionOfLag> {
  let lag = await lagOf(service)
  await until(async () => {
    lag = await lagOf(service)
    return lag.committed === offset && lag.blockedByTransaction !== null
  }, `offset ${offset} to be committed`)
  return lag
}

/** To the high watermark, markers and all. */
async function untilCaughtUp(service: Service): Promise<PartitionOfLag> {
  let lag = await lagOf(service)
  await until(async () => {
    lag = await lagOf(service)
    return lag.lag === 0 && lag.blockedByTransaction === null && lag.end === lag.stable
  }, 'the lag to be 0')
  return lag
}
