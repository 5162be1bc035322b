import assert from 'node:assert/strict'
import test from 'node:test'
import { encodeMetadata, encodeOperator } from '../../../../src/broker/offsets/commit-metadata.ts'
import type { FirstOffset } from '../../../../src/broker/offsets/offset-claims.ts'
import {
  findStartOffsets,
  type StartOffsets,
  type StartOffsetsParts,
} from '../../../../src/broker/offsets/start-offsets.ts'
import type { Claim, OffsetRange } from '../../../../src/broker/types.ts'
import { NOT_MOVED } from '../../../../src/kernel/shapes/replay.ts'
import { createCapturedLog } from '../../../support/captured-log.ts'

interface Row {
  readonly offset: number | null
  readonly finished?: readonly OffsetRange[]
  readonly finishedEpoch?: number
  readonly topicId?: string
  readonly operator?: string
}

/** One partition of topic T, which has the id `now` and 500 as its first and last offset. */
async function find(kafka: number | null, row: Row | null, metadata = '', isClaimed = true) {
  const committed: Array<readonly [number, string]> = []
  const begun: FirstOffset[] = []
  const log = createCapturedLog()
  const ranges = row?.finished ?? []
  const holder = { fenced() {}, epochBefore: () => -1 }
  const claim: Claim = { topic: 'T', partition: 0, epoch: 3, version: 8, ...holder }
  const stored = {
    claim,
    offset: row?.offset ?? null,
    finished: ranges,
    finishedEpoch: row?.finishedEpoch ?? -1,
    topicId: row?.topicId ?? null,
    partitions: null,
    operator: row?.operator ?? '',
  }
  const partitions = [{ topic: 'T', partition: 0 }]
  const answer = { partition: 0, error: 0, offset: 500, leaderEpoch: 0 }
  const parts = {
    options: { name: 'm', groupId: 'g', autoOffsetReset: 'earliest', readUncommitted: false },
    cluster: {
      metadata: {
        topic: () => ({ topicId: 'now' }),
        partitionsOf: () => [0],
        partition: () => ({ leader: 1, leaderEpoch: 0 }),
        refreshSoon() {},
      },
      links: {
        get: () => ({ send: async () => ({ topics: [{ topic: 'T', partitions: [answer] }] }) }),
      },
    },
    coordinator: {
      hasMoved: () => false,
      send: async () => ({
        error: 0,
        topics: [
          {
            topic: 'T',
            partitions: [{ partition: 0, offset: kafka ?? -1, leaderEpoch: 2, metadata, error: 0 }],
          },
        ],
      }),
    },
    commits: {
      async begin(offsets: ReadonlyArray<{ offset: number; metadata: string }>) {
        committed.push(...offsets.map((each) => [each.offset, each.metadata] as const))
      },
    },
    log,
    requestTimeout: 1_000,
    madeLater: new Set(),
    isOurs: () => true,
    store: {
      claims: {
        claim: async () => ({ offsets: isClaimed ? [stored] : [], partitionsThen: new Map() }),
        async begin(offsets: readonly FirstOffset[]) {
          begun.push(...offsets)
          return offsets.map((each) => ({ ...each.claim, version: each.claim.version + 1 }))
        },
      },
      generation: () => 1,
      holder,
    },
  } as unknown as StartOffsetsParts
  const found: StartOffsets[] = []
  await findStartOffsets(parts, partitions, (each) => found.push(each))
  const [ready] = found.flatMap((each) => each.ready)
  return { ready, committed, begun, log }
}

async function start(...given: Parameters<typeof find>) {
  const { ready, committed, begun, log } = await find(...given)
  return {
    start: ready?.startOffset,
    finished: ready?.finished,
    version: ready?.claim?.version,
    toKafka: committed.map(([offset]) => offset),
    toStore: begun.map(({ offset, topicId, finished }) => [offset, topicId, finished.length]),
    operator: ready?.operator,
    operatorToStore: begun[0]?.operator,
    said: log.lines.map(({ level, fields: { event } }) => `${level} ${event}`),
  }
}

test('the store decides where a partition begins, with what is finished above it', async () => {
  const finished = [{ from: 105, to: 107 }]
  assert.deepEqual(await start(100, { offset: 100, finished, topicId: 'now' }), {
    start: 100,
    finished,
    version: 8,
    toKafka: [],
    toStore: [],
    operator: NOT_MOVED,
    operatorToStore: undefined,
    said: [],
  })
})

test('what operators did is what the store has of it, wherever Kafka is', async () => {
  const replay = { from: 50, to: 200, deduplicates: false }
  const operator = { move: 'x', replay, skippedFrom: null }
  const row = { offset: 100, topicId: 'now', operator: encodeOperator(operator, 100) }
  for (const kafka of [90, 100, 120, null]) {
    assert.deepEqual((await start(kafka, row)).operator, operator)
  }
  const over = { ...row, offset: 200 }
  assert.deepEqual((await start(200, over)).operator, { ...operator, replay: null })
})

test('Kafka behind the store, as after a crash: Kafka is told', async () => {
  const { start: from, toKafka, said } = await start(90, { offset: 100, topicId: 'now' })
  assert.deepEqual([from, toKafka, said], [100, [100], ['info offsets.differ']])
})

test('a store behind Kafka, as after a restore: the store decides, with a warning', async () => {
  const { start: from, toKafka, said } = await start(120, { offset: 100, topicId: 'now' })
  assert.deepEqual([from, toKafka, said], [100, [100], ['warn offsets.differ']])
})

test('a group that was deleted continues where the store says', async () => {
  const { start: from, toKafka, said } = await start(null, { offset: 100, topicId: 'now' })
  assert.deepEqual([from, toKafka, said], [100, [100], ['info offsets.differ']])
})

test('the offsets of Kafka are taken over where the store has none, finished ones included', async () => {
  const text = encodeMetadata(
    { ...NOT_MOVED, move: 'x', partitions: 1, topicId: 'now', finished: [{ from: 95, to: 96 }] },
    90,
  )
  assert.deepEqual(await start(90, { offset: null }, text), {
    start: 90,
    finished: [{ from: 95, to: 96 }],
    version: 9,
    toKafka: [],
    toStore: [[90, 'now', 1]],
    operator: { ...NOT_MOVED, move: 'x' },
    operatorToStore: encodeOperator({ ...NOT_MOVED, move: 'x' }, 90),
    said: ['info offsets.taken-over'],
  })
})

test('without any offset both get the first one', async () => {
  const { start: from, toKafka, toStore, version } = await start(null, { offset: null })
  assert.deepEqual([from, toKafka, toStore, version], [500, [500], [[500, 'now', 0]], 9])
})

test('an offset of a topic that was made anew since does not count', async () => {
  const row = { offset: 9_000, finished: [{ from: 9_005, to: 9_006 }], topicId: 'before' }
  const { start: from, finished, toStore, said } = await start(9_000, row)
  assert.deepEqual([from, finished, toStore], [500, [], [[500, 'now', 0]]])
  assert.equal(said[0], 'error topic.recreated')
})

test('a partition that the store gives no claim for waits: its rows would be written nowhere', async () => {
  await assert.rejects(start(10, null, '', false), { code: 'OCC_OFFSETS_STORE' })
})

test('the leader epoch of what the store has as finished decides with it whether the log was truncated', async () => {
  const epochsOf = async (...given: Parameters<typeof find>) => {
    const { ready, begun } = await find(...given)
    return [ready?.leaderEpoch, ready?.finishedEpoch, begun[0]?.finishedEpoch]
  }
  const finished = [{ from: 105, to: 107 }]
  // The broker has 2 with its own offset.
  assert.deepEqual(await epochsOf(100, { offset: 100, finished, finishedEpoch: 4 }), [
    2,
    4,
    undefined,
  ])
  assert.deepEqual(await epochsOf(90, { offset: 100, finished, finishedEpoch: 4 }), [
    -1,
    4,
    undefined,
  ])
  assert.deepEqual(await epochsOf(90, { offset: 100, finishedEpoch: 4 }), [4, 4, undefined])
  assert.deepEqual(await epochsOf(100, { offset: 100, finished }), [2, -1, undefined])
  // Taken over from Kafka.
  assert.deepEqual((await epochsOf(100, { offset: null }))[2], 2)
  const metadata = encodeMetadata(
    { partitions: 1, topicId: 'now', finished, finishedEpoch: 3, ...NOT_MOVED },
    100,
  )
  assert.deepEqual(await epochsOf(100, { offset: null }, metadata), [2, 3, 3])
})
