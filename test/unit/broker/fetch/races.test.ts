import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { createRandom } from '../../../support/random.ts'
import { ModelCluster, TOPIC } from './model-cluster.ts'
import { ModelConsumer } from './model-consumer.ts'
import type { ModelBatch, Trouble } from './model-log.ts'

const FOR_EVER = 1_000_000

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval'] }))
afterEach(() => mock.timers.reset())

/** One partition with ten batches, and a consumer of it. */
function create(corruptBatches: 'hold' | 'keep' = 'hold') {
  const random = createRandom(1)
  const cluster = new ModelCluster(1, random)
  const [log] = cluster.logs
  assert.ok(log)
  while (log.offsets.length < 30) log.append(random)
  const consumer = new ModelConsumer(cluster, { corruptBatches })
  const whole = log.batches.filter(({ offsets }) => offsets.length > 0)
  return { random, cluster, log, consumer, whole }
}

function spoil(batch: ModelBatch | undefined, trouble: Trouble, times = FOR_EVER): void {
  assert.ok(batch)
  batch.trouble = trouble
  batch.troubleFor = times
}

function takeAll(consumer: ModelConsumer): void {
  while ((consumer.assigned.get(0)?.queue.length ?? 0) > 0) consumer.take(0)
}

async function readToEnd(consumer: ModelConsumer, end: () => number): Promise<void> {
  for (let second = 0; second < 200 && consumer.position[0] !== end(); second++) {
    await consumer.pass(1_000)
    takeAll(consumer)
  }
}

test('a batch returned while a later one is held is fetched again, with everything after it', async () => {
  const { consumer, log, whole } = create()
  // Its records are looked at when the other one is held already.
  spoil(whole[1], 'content', 1)
  spoil(whole[3], 'crc')
  consumer.assign(0)
  await consumer.pass(8_000)
  assert.equal(consumer.problems.get(0)?.reason, 'corrupt')
  takeAll(consumer)
  spoil(whole[3], null)
  await readToEnd(consumer, () => log.end)
  assert.deepEqual(consumer.read[0], log.offsets)
  consumer.fetching.stop()
})

test('a batch returned while a later one is retried: the kept one covers only itself', async () => {
  for (let waited = 0; waited <= 4_000; waited += 200) {
    const { consumer, log, whole } = create('keep')
    spoil(whole[1], 'content', 1)
    spoil(whole[3], 'crc')
    consumer.assign(0)
    await consumer.pass(500 + waited)
    takeAll(consumer)
    await readToEnd(consumer, () => log.end)
    const [damaged] = whole.slice(3)
    assert.ok(damaged)
    const wanted = log.offsets.filter((offset) => !damaged.offsets.includes(offset))
    assert.deepEqual(consumer.read[0], wanted, `given back after ${waited} ms`)
    assert.equal(consumer.kept.length, 1)
    consumer.fetching.stop()
    mock.timers.reset()
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  }
})

test('a topic recreated while a batch of the old one is held is read from its first record', async () => {
  for (const looksFor of [1_000, 8_000]) {
    const { consumer, cluster, random, whole } = create()
    spoil(whole[2], 'crc')
    consumer.assign(0)
    await consumer.pass(looksFor)
    takeAll(consumer)
    cluster.makeAnew()
    const [log] = cluster.logs
    assert.ok(log)
    log.append(random)
    cluster.learn()
    await consumer.pass(2_000)
    assert.deepEqual(consumer.moves, [{ partition: 0, to: 0 }])
    const before = consumer.read[0]?.length
    await readToEnd(consumer, () => log.end)
    assert.deepEqual(consumer.read[0]?.slice(before), log.offsets)
    assert.equal(consumer.problems.get(0) ?? null, null)
    consumer.fetching.stop()
    mock.timers.reset()
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  }
})

test('an offset out of range in a recreated topic that the metadata does not show yet: nothing is skipped', async () => {
  const { consumer, cluster, random, log: old } = create()
  consumer.assign(0)
  await readToEnd(consumer, () => old.end)
  const before = consumer.read[0]?.length
  cluster.makeAnew()
  const [log] = cluster.logs
  assert.ok(log)
  log.append(random)
  await readToEnd(consumer, () => log.end)
  assert.deepEqual(consumer.moves, [{ partition: 0, to: 0 }])
  assert.deepEqual(consumer.read[0]?.slice(before), log.offsets)
  consumer.fetching.stop()
})

test('a recreated topic whose first offset is not known yet is not read at the old position', async () => {
  const { consumer, cluster, random, log: old } = create()
  consumer.assign(0)
  await readToEnd(consumer, () => old.end)
  const before = consumer.read[0]?.length
  cluster.makeAnew()
  const [log] = cluster.logs
  assert.ok(log)
  while (log.end <= old.end) log.append(random)
  // Every request fails for a while.
  cluster.failures = 1
  cluster.learn()
  await consumer.pass(5_000)
  cluster.failures = 0
  await readToEnd(consumer, () => log.end)
  assert.deepEqual(consumer.read[0]?.slice(before), log.offsets)
  consumer.fetching.stop()
})

test('a held partition is retried once a minute, whatever retries came in between', async () => {
  const { consumer, cluster, whole } = create()
  const place = { topic: TOPIC, partition: 0 }
  spoil(whole[0], 'crc')
  consumer.assign(0)
  await consumer.pass(8_000)
  for (let look = 0; look < 10; look++) {
    consumer.fetching.pause(place)
    consumer.fetching.resume(place)
    await consumer.pass(1_000)
  }
  const before = cluster.fetches
  await consumer.pass(10 * 60_000)
  const looks = cluster.fetches - before
  assert.ok(looks >= 9 && looks <= 10, `${looks} looks in ten minutes`)
  // Taken away while it is held: nothing is left that looks.
  consumer.revoke(0)
  await consumer.pass(5 * 60_000)
  assert.equal(cluster.fetches - before, looks)
  consumer.fetching.stop()
})

test('a fetch names only changed partitions', async () => {
  const random = createRandom(3)
  const cluster = new ModelCluster(300, random)
  const consumer = new ModelConsumer(cluster)
  for (const partition of cluster.logs.keys()) consumer.assign(partition)
  await consumer.pass(5_000)
  const before = { ...cluster }
  const asked = consumer.roomsAsked
  await consumer.pass(20_000)
  const fetches = cluster.fetches - before.fetches
  assert.ok(fetches > 60, `${fetches} fetches of three brokers`)
  assert.equal(cluster.named - before.named, 0)
  assert.equal(cluster.told - before.told, 0)
  const looks = consumer.roomsAsked - asked
  // Each broker leads a third; one look more for each fetch that begins.
  assert.ok(looks <= (fetches + 3) * 100, `${looks} looks in ${fetches} fetches of 100 partitions`)
  for (const [partition, log] of cluster.logs.entries()) {
    if (partition % 30 === 0) log.append(random)
  }
  await consumer.pass(2_000)
  for (const partition of cluster.logs.keys()) consumer.take(partition)
  for (const [partition, log] of cluster.logs.entries()) {
    assert.deepEqual(consumer.read[partition], log.offsets)
  }
  consumer.fetching.stop()
})

test('a paused partition leaves the session and returns when it is resumed', async () => {
  const { consumer, cluster, random, log } = create()
  const place = { topic: TOPIC, partition: 0 }
  consumer.assign(0)
  await readToEnd(consumer, () => log.end)
  consumer.fetching.pause(place)
  await consumer.pass(2_000)
  log.append(random)
  const before = cluster.fetches
  await consumer.pass(5_000)
  assert.equal(cluster.fetches, before)
  consumer.fetching.resume(place)
  await readToEnd(consumer, () => log.end)
  assert.deepEqual(consumer.read[0], log.offsets)
  consumer.fetching.stop()
})

test('a batch with a damaged length does not cause a loop of fetches', async () => {
  const { consumer, cluster, whole } = create()
  spoil(whole[0], 'length')
  consumer.assign(0)
  await consumer.pass(30_000)
  assert.equal(consumer.problems.get(0)?.reason, 'corrupt')
  assert.ok(cluster.fetches < 10, `${cluster.fetches} fetches`)
  consumer.fetching.stop()
})
