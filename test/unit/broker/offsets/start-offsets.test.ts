import assert from 'node:assert/strict'
import test from 'node:test'
import type { OffsetClaims } from '../../../../src/broker/offsets/offset-claims.ts'
import {
  findStartOffsets,
  type StartOffsets,
  type StartOffsetsParts,
} from '../../../../src/broker/offsets/start-offsets.ts'
import { Starting } from '../../../../src/broker/offsets/starting.ts'
import { code } from '../../../../src/broker/protocol/index.ts'
import type { Claim } from '../../../../src/broker/types.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { createCapturedLog } from '../../../support/captured-log.ts'

interface Request {
  readonly topics: ReadonlyArray<{ topic: string; partitions: readonly number[] }>
}

interface Given {
  readonly committed?: ReadonlyMap<number, number>
  /** Codes of OffsetFetch, by partition. */
  readonly errors?: ReadonlyMap<number, number>
  /** As the metadata has it: leader by partition. */
  readonly leaders: ReadonlyMap<number, number>
  /** Ids of the topic: of the commits, and of the metadata. */
  readonly ids?: readonly [committed: string, known: string]
  /** Leaders that do not answer. */
  readonly hang?: number[]
  readonly isOurs?: () => boolean
}

function setUp(given: Given) {
  const { committed = new Map(), errors = new Map(), leaders, hang = [], isOurs, ids } = given
  const log = createCapturedLog()
  const begun: number[][] = []
  const found: StartOffsets[] = []
  const answered = Promise.withResolvers<void>()
  const parts = {
    options: { name: 'm', groupId: 'g', autoOffsetReset: 'latest', readUncommitted: false },
    cluster: {
      metadata: {
        topic: () => ({ topicId: ids?.[1] ?? null }),
        partitionsOf: () => [...leaders.keys()],
        partition: ({ partition }: { partition: number }) =>
          leaders.has(partition) ? { leader: leaders.get(partition), leaderEpoch: 0 } : undefined,
        refreshSoon() {},
      },
      links: {
        get: (node: number) => ({
          send: async (
            _: unknown,
            { topics }: { topics: Array<{ partitions: Array<{ partition: number }> }> },
          ) => {
            if (hang.includes(node)) await answered.promise
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
            metadata: ids === undefined ? '' : JSON.stringify({ v: 1, topic: ids[0] }),
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
    log,
    requestTimeout: 1_000,
    madeLater: new Set(),
    store: null,
    isOurs: isOurs ?? (() => true),
  } as unknown as StartOffsetsParts
  const partitions = (...numbers: number[]) =>
    numbers.map((partition) => ({ topic: 't', partition }))
  const find = (...numbers: number[]) =>
    findStartOffsets(parts, partitions(...numbers), (each) => found.push(each))
  const ready = () =>
    found.flatMap((each) => each.ready.map((it) => [it.partition, it.startOffset]))
  return { begun, found, find, ready, parts, partitions, answer: answered.resolve, log }
}

test('metadata that briefly lacks the topic does not make a partition look new', async () => {
  const { find, ready, begun } = setUp({ committed: new Map([[0, 42]]), leaders: new Map() })
  await find(0)
  assert.deepEqual(ready(), [[0, 42]])
  assert.deepEqual(begun, [])
})

test('a topic made anew is told once it begins, not at each look for its leader, and as nothing else', async () => {
  const leaders = new Map<number, number>()
  const committed = new Map([[0, 42]])
  const { find, ready, log } = setUp({ committed, leaders, ids: ['old', 'new'] })
  for (let look = 0; look < 3; look++) await find(0)
  assert.deepEqual([ready(), log.lines], [[], []])
  leaders.set(0, 1)
  await find(0)
  assert.deepEqual(ready(), [[0, 500]])
  const events = log.lines.map(({ fields }) => fields.event)
  assert.deepEqual(events, ['topic.recreated'])
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

test('the first start offsets are known when all leaders have answered, or one is silent', async (t) => {
  const leaders = new Map([
    [0, 1],
    [1, 2],
  ])
  const committed = new Map([[0, 7]])
  for (const ends of ['answers', 'is silent']) {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { parts, partitions, answer } = setUp({ committed, leaders, hang: [2] })
    const ready: number[] = []
    const own = { ...parts, claims: null, generation: () => 1, epochBefore: () => -1 }
    const starting = new Starting(own, {
      owns: () => true,
      fenced: () => assert.fail('fenced'),
      ready: (begun) => void ready.push(...begun.map(({ partition }) => partition)),
      waits: () => {},
      failed: assert.fail,
    })
    t.after(() => starting.stop())
    starting.add(partitions(0, 1))
    await new Promise(setImmediate)
    assert.deepEqual([ready, starting.isLooking], [[0], true])
    if (ends === 'answers') answer()
    else t.mock.timers.tick(3_000)
    await new Promise(setImmediate)
    assert.equal(starting.isLooking, false, ends)
    t.mock.timers.reset()
  }
})

test('an answer for a removed partition commits nothing', async () => {
  const { find, ready, begun } = setUp({ leaders: new Map([[0, 1]]), isOurs: () => false })
  await find(0)
  assert.deepEqual(ready(), [])
  assert.deepEqual(begun.flat(), [])
})

test('a claim that is not the last one is reported once it has started, and for no earlier assignment', async (t) => {
  const { parts, partitions } = setUp({ committed: new Map([[0, 7]]), leaders: new Map([[0, 1]]) })
  const given: Claim[] = []
  let epoch = 0
  const claims: OffsetClaims = {
    async claim(wanted, _, holder) {
      const offsets = wanted.map((each) => {
        const claim: Claim = {
          ...each,
          epoch: ++epoch,
          version: 1,
          fenced() {
            holder.fenced(this)
          },
          epochBefore: () => -1,
        }
        given.push(claim)
        const known = { finished: [], finishedEpoch: -1, topicId: null, partitions: null }
        return { claim, offset: 7, ...known, operator: '' }
      })
      return { offsets, partitionsThen: new Map() }
    },
    begin: async () => assert.fail('begun'),
    move: async () => assert.fail('moved'),
  }
  const fenced: number[] = []
  let ready = 0
  const starting = new Starting(
    { ...parts, claims, generation: () => 1, epochBefore: () => -1 },
    {
      owns: () => true,
      ready: () => {
        ready += 1
      },
      waits: () => {},
      failed: assert.fail,
      fenced: ({ partition }) => void fenced.push(partition),
    },
  )
  t.after(() => starting.stop())
  const begin = async () => {
    const before = ready
    starting.add(partitions(0))
    while (ready === before) await new Promise(setImmediate)
  }
  await begin()
  starting.remove(partitions(0))
  await begin()
  const [former, present] = given
  former?.fenced()
  assert.deepEqual(fenced, [])
  present?.fenced()
  assert.deepEqual(fenced, [0])
})

test('a store that is away is why a partition waits', async (t) => {
  const { parts, partitions } = setUp({ leaders: new Map([[0, 1]]) })
  const away = new OccError('OCC_OFFSETS_STORE', 'no database', { retriable: true })
  const claims: OffsetClaims = {
    claim: () => Promise.reject(away),
    begin: async () => assert.fail('begun'),
    move: async () => assert.fail('moved'),
  }
  const told = Promise.withResolvers<OccError>()
  const starting = new Starting(
    { ...parts, claims, generation: () => 1, epochBefore: () => -1 },
    {
      owns: () => true,
      ready: () => assert.fail('ready'),
      waits: (_, error) => told.resolve(error),
      failed: () => {},
      fenced: () => assert.fail('fenced'),
    },
  )
  t.after(() => starting.stop())
  starting.add(partitions(0))
  assert.equal(await told.promise, away)
})
