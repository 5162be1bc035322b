import assert from 'node:assert/strict'
import test from 'node:test'
import {
  findStartOffsets,
  type StartOffsets,
  type StartOffsetsParts,
} from '../../../../src/broker/offsets/start-offsets.ts'
import { code } from '../../../../src/broker/protocol/index.ts'
import { silentLog } from '../../../../src/kernel/log.ts'

interface Request {
  readonly topics: ReadonlyArray<{ topic: string; partitions: readonly number[] }>
}

interface Given {
  readonly committed?: ReadonlyMap<number, number>
  /** Codes of OffsetFetch, by partition. */
  readonly errors?: ReadonlyMap<number, number>
  /** As the metadata has it: leader by partition. */
  readonly leaders: ReadonlyMap<number, number>
  /** Leaders that never answer. */
  readonly hang?: readonly number[]
  readonly isOurs?: () => boolean
}

function setUp({ committed = new Map(), errors = new Map(), leaders, hang = [], isOurs }: Given) {
  const begun: number[][] = []
  const found: StartOffsets[] = []
  const parts = {
    options: { groupId: 'g', autoOffsetReset: 'latest', readUncommitted: false },
    cluster: {
      metadata: {
        topic: () => ({ topicId: null }),
        partitionsOf: () => [...leaders.keys()],
        partition: ({ partition }: { partition: number }) =>
          leaders.has(partition) ? { leader: leaders.get(partition), leaderEpoch: 0 } : undefined,
      },
      links: {
        get: (node: number) => ({
          send: async (
            _: unknown,
            { topics }: { topics: Array<{ partitions: Array<{ partition: number }> }> },
          ) => {
            if (hang.includes(node)) await new Promise(() => {})
            const partitions = topics[0]?.partitions.map(({ partition }) => ({
              partition,
              error: 0,
              offset: 500,
              leaderEpoch: 0,
            }))
            return { topics: [{ topic: 't', partitions }] }
          },
        }),
      },
    },
    coordinator: {
      hasMoved: () => false,
      send: async (_: unknown, { topics }: Request) => ({
        error: 0,
        topics: topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map((partition) => ({
            partition,
            offset: committed.get(partition) ?? -1,
            leaderEpoch: -1,
            metadata: '',
            error: errors.get(partition) ?? 0,
          })),
        })),
      }),
    },
    commits: {
      begin: async (offsets: ReadonlyArray<{ partition: number }>) => {
        begun.push(offsets.map(({ partition }) => partition))
      },
    },
    log: silentLog,
    requestTimeout: 1_000,
    madeLater: new Set(),
    isOurs: isOurs ?? (() => true),
  } as unknown as StartOffsetsParts
  const partitions = (...numbers: number[]) =>
    numbers.map((partition) => ({ topic: 't', partition }))
  const find = (...numbers: number[]) =>
    findStartOffsets(parts, partitions(...numbers), (each) => found.push(each))
  const ready = () =>
    found.flatMap((each) => each.ready.map((it) => [it.partition, it.startOffset]))
  return { begun, found, find, ready }
}

test('metadata that briefly lacks the topic does not make a partition look new', async () => {
  const { find, ready, begun } = setUp({ committed: new Map([[0, 42]]), leaders: new Map() })
  await find(0)
  assert.deepEqual(ready(), [[0, 42]])
  assert.deepEqual(begun, [])
})

test('an offset missing from the answer is requested again, not reset', async () => {
  const errors = new Map([[0, code.UNKNOWN_TOPIC_OR_PARTITION]])
  const { find, begun } = setUp({ errors, leaders: new Map([[0, 1]]) })
  await assert.rejects(find(0))
  assert.deepEqual(begun.flat(), [])
})

test('a leader that hangs delays only its own partitions', async () => {
  const leaders = new Map([
    [0, 1],
    [1, 2],
    [2, 3],
  ])
  const { find, ready, begun } = setUp({ committed: new Map([[2, 7]]), leaders, hang: [2] })
  void find(0, 1, 2)
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.deepEqual(ready(), [
    [2, 7],
    [0, 500],
  ])
  assert.deepEqual(begun, [[0]])
})

test('an answer for a removed partition commits nothing', async () => {
  const { find, ready, begun } = setUp({ leaders: new Map([[0, 1]]), isOurs: () => false })
  await find(0)
  assert.deepEqual(ready(), [])
  assert.deepEqual(begun.flat(), [])
})
