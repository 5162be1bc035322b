import assert from 'node:assert/strict'
import test from 'node:test'
import { createCapturedLog } from '../../support/captured-log.ts'
import { FAILED, FENCED, settled, setUp } from './committing.ts'

test('interval: finished records are committed on the timer, only for partitions that moved', async (t) => {
  const { broker, partition, other, results, tick } = setUp(t)
  partition.committable = 103
  await tick(999)
  assert.deepEqual(broker.requests, [])
  await tick(1)
  assert.deepEqual(broker.requests, [
    [{ topic: 'a', partition: 0, offset: 103, metadata: 'm0', finished: [] }],
  ])
  assert.deepEqual([partition.committed, other.committed], [103, 500])
  await tick(5_000)
  assert.equal(broker.requests.length, 1, 'nothing new, no commit')
  assert.deepEqual(results, ['ok'])
})

test('interval: enough finished records start a commit before the timer', async (t) => {
  const { broker, committer, partition } = setUp(t)
  for (let count = 1; count <= 9; count++) committer.finished(1)
  partition.committable = 110
  await settled()
  assert.deepEqual(broker.offsets, [])
  committer.finished(1)
  await settled()
  assert.deepEqual(broker.offsets, [110])
  partition.committable = 119
  committer.finished(9)
  await settled()
  assert.deepEqual(broker.offsets, [110], 'counting began again')
})

for (const mode of ['batch', 'record'] as const) {
  test(`${mode}: finished records start no commit, a flush does`, async (t) => {
    const { broker, committer, partition } = setUp(t, { mode })
    partition.committable = 200
    committer.finished(100)
    await settled()
    assert.deepEqual(broker.offsets, [])
    assert.equal(await committer.flush(), true)
    assert.deepEqual(broker.offsets, [200])
  })
}

test('a flush with nothing to commit sends no request', async (t) => {
  const { broker, committer } = setUp(t)
  assert.equal(await committer.flush(), true)
  assert.deepEqual(broker.requests, [])
})

test('never two commits at a time; flushes during one share the next, which includes what finished meanwhile', async (t) => {
  const { broker, committer, partition, other } = setUp(t)
  broker.atOnce = false
  partition.committable = 101
  const first = committer.flush()
  await settled()
  partition.committable = 105
  const later = [committer.flush(), committer.flush()]
  committer.finished(50)
  await settled()
  assert.deepEqual(broker.offsets, [101])
  partition.committable = 107
  other.committable = 501
  await broker.answer()
  assert.equal(await first, true)
  assert.equal(partition.committed, 101, 'not what finished after the request')
  assert.deepEqual(
    broker.requests[1]?.map(({ offset }) => offset),
    [107, 501],
  )
  await broker.answer()
  assert.deepEqual(await Promise.all(later), [true, true])
  assert.equal(broker.requests.length, 2)
  assert.equal(broker.mostUnderWay, 1)
  assert.deepEqual([partition.committed, other.committed], [107, 501])
})

test('a released partition is committed no more, once the commit in flight is answered', async (t) => {
  const { broker, committer, partition, other } = setUp(t)
  broker.atOnce = false
  partition.committable = 101
  void committer.flush()
  await settled()
  partition.committable = 105
  other.committable = 501
  const next = committer.flush()
  let isReleased = false
  const released = committer.release(partition).then(() => {
    isReleased = true
  })
  await settled()
  assert.equal(isReleased, false)
  await broker.answer()
  await released
  assert.deepEqual(
    broker.requests[1]?.map(({ partition: number, offset }) => [number, offset]),
    [[1, 501]],
  )
  await broker.answer()
  assert.equal(await next, true)
})

test('a failed commit is reported and retried on the timer, with what finished since', async (t) => {
  const { broker, committer, partition, results, tick } = setUp(t, { mode: 'batch' })
  broker.atOnce = false
  partition.committable = 101
  const flush = committer.flush()
  await settled()
  await broker.answer(FAILED)
  assert.equal(await flush, false)
  assert.equal(partition.committed, 100)
  partition.committable = 102
  await tick(1_000)
  await broker.answer()
  assert.deepEqual(broker.offsets, [101, 102])
  assert.equal(partition.committed, 102)
  assert.deepEqual(results, ['failed', 'ok'])
})

test('a fenced commit is not retried before the next interval, when lost partitions are known', async (t) => {
  const { broker, committer, partition, results, tick } = setUp(t)
  broker.atOnce = false
  partition.committable = 101
  const flush = committer.flush()
  await settled()
  const queued = committer.flush()
  await broker.answer(FENCED)
  assert.deepEqual([await flush, await queued], [false, false])
  partition.committable = 150
  committer.finished(50)
  assert.equal(await committer.flush(), false)
  await tick(999)
  assert.deepEqual(broker.offsets, [101])
  assert.deepEqual(results, ['fenced'])
  await tick(1)
  await broker.answer()
  assert.deepEqual(broker.offsets, [101, 150])
  assert.equal(partition.committed, 150)
  partition.committable = 151
  assert.equal(await Promise.race([committer.flush(), settled()]), undefined, 'asked at once again')
  await broker.answer()
})

test('settling commits the rest, including what finished during a commit in flight', async (t) => {
  const { broker, committer, partition } = setUp(t)
  broker.atOnce = false
  partition.committable = 101
  void committer.flush()
  await settled()
  partition.committable = 108
  const settling = committer.settle(3_000)
  await broker.answer()
  await broker.answer()
  await settling
  assert.deepEqual(broker.offsets, [101, 108])
})

test('settling waits no longer than its deadline for a broker that does not answer', async (t) => {
  const { broker, committer, partition, tick } = setUp(t)
  broker.atOnce = false
  partition.committable = 101
  let ended = false
  const settling = committer.settle(3_000).then(() => {
    ended = true
  })
  await tick(2_999)
  assert.equal(ended, false)
  await tick(1)
  await settling
})

test('removed partitions are not committed, not even by a waiting flush', async (t) => {
  const { broker, committer, partition, other, tick } = setUp(t)
  broker.atOnce = false
  partition.committable = 101
  void committer.flush()
  await settled()
  partition.committable = 102
  const settling = committer.settle(3_000)
  await tick(3_000)
  await settling
  committer.remove([partition])
  await broker.answer()
  committer.finished(100)
  assert.equal(await committer.flush(), true)
  await tick(10_000)
  assert.deepEqual(broker.offsets, [101])
  other.committable = 501
  await tick(1_000)
  assert.deepEqual(
    broker.requests.at(-1)?.map((offset) => [offset.partition, offset.offset]),
    [[1, 501]],
    'the others continue',
  )
})

test('nothing is committed after close, not even by a waiting flush', async (t) => {
  const { broker, committer, partition, tick } = setUp(t)
  broker.atOnce = false
  partition.committable = 101
  void committer.flush()
  await settled()
  partition.committable = 102
  const waiting = committer.flush()
  committer.close()
  await broker.answer()
  assert.equal(await waiting, false)
  committer.finished(100)
  await committer.settle(3_000)
  await tick(10_000)
  assert.deepEqual(broker.offsets, [101])
})

test('a recreated topic lowers the committed offset', async (t) => {
  const { broker, partition, tick } = setUp(t)
  partition.committable = 4
  await tick(1_000)
  assert.deepEqual(broker.offsets, [4])
  assert.equal(partition.committed, 4)
})

test('finished offsets above the committable one are committed too, on the timer even alone', async (t) => {
  const { broker, committer, partition, tick } = setUp(t)
  const finished = [{ from: 105, to: 108 }]
  partition.gaps = finished
  partition.gapChanges = 3
  assert.equal(await committer.flush(), true)
  assert.deepEqual(broker.requests, [], 'not with every record')
  await tick(1_000)
  assert.deepEqual(broker.requests, [
    [{ topic: 'a', partition: 0, offset: 100, metadata: 'm0', finished }],
  ])
  await tick(5_000)
  assert.equal(broker.requests.length, 1, 'nothing new, no commit')
})

test('settling commits them too', async (t) => {
  const { broker, committer, other } = setUp(t)
  const finished = [{ from: 505, to: 508 }]
  other.gaps = finished
  other.gapChanges = 3
  await committer.settle(3_000)
  assert.deepEqual(broker.requests, [
    [{ topic: 'a', partition: 1, offset: 500, metadata: 'm1', finished }],
  ])
})

test('commits that fail again and again are ten lines a minute', async (t) => {
  const log = createCapturedLog()
  const { broker, committer, partition } = setUp(t, { mode: 'record' }, log)
  broker.atOnce = false
  for (let record = 0; record < 50; record++) {
    partition.committable += 1
    const flushed = committer.flush()
    await settled()
    await broker.answer(FAILED)
    assert.equal(await flushed, false)
  }
  const texts = log.lines.map(({ fields, text }) => `${fields.event}: ${text}`)
  assert.deepEqual(texts, Array(10).fill('commit.failed: the coordinator is away'))
})
