import assert from 'node:assert/strict'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { withTable } from '../../../../src/app/offsets/open-group-offsets.ts'
import type { OffsetStore } from '../../../../src/group/offsets/types.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { NOT_MOVED } from '../../../../src/kernel/shapes/replay.ts'
import type { OffsetTable } from '../../../../src/sink/postgres/offsets/table.ts'

const row = { partition: 0, operator: '', topicId: null, epoch: 1, writes: 1 }

/** Knows, as the reader of the brokers does, only the topics that it was asked for last. */
function brokersWith(existing: readonly string[]): OffsetStore {
  let known: readonly string[] = []
  return {
    async read(topics) {
      known = topics ?? []
      await setImmediate()
      for (const topic of topics ?? []) {
        if (known.includes(topic) && existing.includes(topic)) continue
        throw new OccError('OCC_TOPIC_UNKNOWN', 'the topic does not exist on the brokers')
      }
      const of = {
        partition: 0,
        low: 0,
        end: 9,
        committed: null,
        owner: null,
        topicId: 'now',
        ...NOT_MOVED,
      }
      const partitions = (topics ?? []).map((topic) => ({ topic, ...of }))
      return { members: 0, partitions, table: null }
    },
    offsetsAt: async () => new Map(),
    timesAt: async () => new Map(),
    async store() {},
    async close() {},
  }
}

test('all topics that only the table has are read, but for those that are deleted', async () => {
  const table: OffsetTable = {
    name: 'offsets',
    read: async () =>
      ['a', 'deleted', 'b', 'c'].map((topic, index) => ({ topic, ...row, offset: index })),
    async set() {},
    async close() {},
  }
  const { partitions } = await withTable(brokersWith(['a', 'b', 'c']), table).read(null)
  assert.deepEqual(
    partitions.map(({ topic, committed }) => [topic, committed]),
    [
      ['a', 0],
      ['b', 2],
      ['c', 3],
    ],
  )
})

test('an offset of a topic that was deleted is none of the one made anew', async () => {
  const table: OffsetTable = {
    name: 'offsets',
    read: async () => [
      { topic: 'a', ...row, offset: 5, topicId: 'then' },
      { topic: 'b', ...row, offset: 5, topicId: 'now' },
    ],
    async set() {},
    async close() {},
  }
  const { partitions } = await withTable(brokersWith(['a', 'b']), table).read(null)
  assert.deepEqual(
    partitions.map(({ committed }) => committed),
    [null, 5],
  )
})
