import assert from 'node:assert/strict'
import test from 'node:test'
import { createOffsetsControl } from '../../../../src/group/offsets/control.ts'
import type {
  OffsetStore,
  OffsetToStore,
  ReachableMembers,
  StoredOffset,
} from '../../../../src/group/offsets/types.ts'
import { NOT_MOVED } from '../../../../src/kernel/shapes/replay.ts'

/** Offsets as the brokers would keep them. @param members of the group; null: not to be seen */
function storeOf(members: number | null, ...partitions: ReadonlyArray<Partial<StoredOffset>>) {
  const all: StoredOffset[] = partitions.map((each, partition) => ({
    ...{ topic: 'a', partition, low: 0, end: 200, committed: 100, owner: null },
    ...NOT_MOVED,
    ...each,
  }))
  const stored: OffsetToStore[] = []
  const store: OffsetStore = {
    read: async (topics) => ({
      members,
      table: null,
      partitions: all.filter(({ topic }) => topics === null || topics.includes(topic)),
    }),
    offsetsAt: async () => new Map(),
    timesAt: async () => new Map(),
    async store(offsets) {
      for (const { offset, ...each } of offsets) {
        stored.push({ offset, ...each })
        const index = all.findIndex(({ partition }) => partition === each.partition)
        const before = all[index] ?? assert.fail()
        all[index] = { ...before, ...each, committed: offset }
      }
    },
    close: async () => {},
  }
  return { store, stored, all }
}

function control(store: OffsetStore, members: ReachableMembers | null = null, other = store) {
  const parts = {
    group: 'g',
    store,
    open: () => other,
    rate: () => 10,
    members,
    now: () => 0,
  }
  return createOffsetsControl(parts)
}

const moveOf = (partition: number, offset: number, move: string | null = null) => ({
  ...{ topic: 'a', partition, offset, committed: 100, move },
})
const order = { allowsSkip: false, deduplicates: false }
const ALL = { topics: ['a'], partitions: null }

test('a stopped group: stored, marked, and undone by what comes back', async () => {
  const { store, stored, all } = storeOf(0, {}, { committed: null, low: 40 })
  const own = control(store)
  const done = await own.apply({
    ...order,
    partitions: [moveOf(0, 40), { ...moveOf(1, 40), committed: null }],
  })
  assert.deepEqual(
    stored.map(({ offset, replay }) => [offset, replay]),
    [
      [40, { from: 40, to: 100, deduplicates: false }],
      [40, null],
    ],
  )
  // A partition that had none cannot have it back.
  assert.deepEqual(done.undo.partitions, [{ topic: 'a', partition: 0, offset: 100, move: done.id }])
  const target = { kind: 'offsets', of: 'undo.json', offsets: done.undo.partitions } as const
  const back = await own.plan({ topics: null, partitions: null }, target)
  await own.apply({ ...order, partitions: back.partitions })
  assert.deepEqual(
    all.map(({ committed }) => committed),
    [100, 40],
  )
  await assert.rejects(own.plan({ topics: null, partitions: null }, target), {
    code: 'OCC_OFFSETS_MOVED',
    message: /undo\.json was made for another state/,
  })
})

test('nothing is changed if an offset was moved or is named twice, or records would be skipped', async () => {
  const { store, stored } = storeOf(0, {}, {})
  const own = control(store)
  const behind = { ...moveOf(1, 40), committed: 99 }
  await assert.rejects(own.apply({ ...order, partitions: [moveOf(0, 40), behind] }), {
    code: 'OCC_OFFSETS_MOVED',
    message: /a\/1 is at 100, and was at 99/,
  })
  await assert.rejects(own.apply({ ...order, partitions: [moveOf(0, 40), moveOf(1, 150)] }), {
    code: 'OCC_OFFSETS_SKIP',
    message: /50 records .*a\/1/,
  })
  await assert.rejects(own.apply({ ...order, partitions: [moveOf(0, 40), moveOf(0, 50)] }), {
    code: 'OCC_OFFSETS_CHOICE',
    message: /a\/0 is in the plan twice/,
  })
  assert.deepEqual(stored, [])
})

test('who sets some of the same offsets in the same moment wins them; the others can be undone', async () => {
  const { store, all } = storeOf(0, {}, {})
  const second = (change: Partial<StoredOffset>) => {
    const [, before = assert.fail()] = all
    all[1] = { ...before, ...change }
  }
  let byOther: Partial<StoredOffset> = { move: 'other', committed: 70 }
  const racing = {
    ...store,
    async store(offsets: readonly OffsetToStore[]) {
      await store.store(offsets)
      second(byOther)
    },
  }
  const partitions = [moveOf(0, 40), moveOf(1, 40)]
  const done = await control(racing).apply({ ...order, partitions })
  assert.deepEqual(
    [done.applied, done.refused, done.undo.partitions].map((each) =>
      each.map(({ partition }) => partition),
    ),
    [[0], [1], [0]],
  )
  assert.match(done.refused[0]?.reason ?? '', /somebody else meanwhile/)
  // Other tools write no text.
  byOther = { move: null, committed: 70 }
  const again = { ...moveOf(0, 30), committed: 40, move: done.id }
  const next = { ...moveOf(1, 30), committed: 70, move: 'other' }
  const { refused } = await control(racing).apply({ ...order, partitions: [again, next] })
  assert.deepEqual(
    refused.map(({ partition }) => partition),
    [1],
  )
  const alone = control(racing).apply({
    ...order,
    partitions: [{ ...moveOf(1, 20), committed: 70 }],
  })
  byOther = { move: 'other', committed: 70 }
  await assert.rejects(alone, { code: 'OCC_OFFSETS_MOVED' })
})

test('a group with members needs one of them', async () => {
  const { store, stored } = storeOf(2, {})
  await assert.rejects(control(store).apply({ ...order, partitions: [moveOf(0, 40)] }), {
    code: 'OCC_GROUP_ACTIVE',
  })
  assert.deepEqual(stored, [])
})

test('members: what they refuse or do not have is said, and an answer that was lost is looked up', async () => {
  const { store, all } = storeOf(2, {}, {}, {}, {})
  const members: ReachableMembers = {
    async move({ id, moves }) {
      assert.equal(moves.length, 4)
      // Done, but nobody heard of it.
      const [, , third = assert.fail()] = all
      all[2] = { ...third, move: id }
      return {
        answers: [
          { topic: 'a', partition: 0, before: 104, reason: null },
          { topic: 'a', partition: 1, before: null, reason: 'an operator has set it' },
        ],
        unreached: ['10.0.0.7:8080: ECONNREFUSED'],
      }
    },
  }
  const partitions = [0, 1, 2, 3].map((partition) => moveOf(partition, 40))
  const { applied, refused, undo } = await control(store, members).apply({ ...order, partitions })
  assert.deepEqual(
    applied.map(({ partition, before }) => [partition, before]),
    [
      [0, 104],
      [2, 100],
    ],
  )
  assert.deepEqual(
    refused.map(({ partition }) => partition),
    [1, 3],
  )
  assert.match(refused[1]?.reason ?? '', /not reached: 10\.0\.0\.7:8080: ECONNREFUSED/)
  assert.deepEqual(
    undo.partitions.map(({ offset }) => offset),
    [104, 100],
  )
})

test('what members have done is said, also if the brokers cannot be asked about the rest', async () => {
  const { store } = storeOf(2, {}, {})
  let isAway = false
  const read: OffsetStore['read'] = async (topics) => {
    if (isAway) throw new Error('no broker answers')
    return store.read(topics)
  }
  const members: ReachableMembers = {
    async move() {
      isAway = true
      const answers = [{ topic: 'a', partition: 0, before: 104, reason: null }]
      return { answers, unreached: [] }
    },
  }
  const partitions = [moveOf(0, 40), moveOf(1, 40)]
  const done = await control({ ...store, read }, members).apply({ ...order, partitions })
  assert.deepEqual(
    [
      done.undo.partitions.map(({ offset }) => offset),
      done.refused.map(({ partition }) => partition),
    ],
    [[104], [1]],
  )
  assert.match(done.refused[0]?.reason ?? '', /brokers do not say whether it was set/)
})

test('a member asks the members, also where it may not describe the group', async () => {
  const { store, stored } = storeOf(null, {})
  const answers = [{ topic: 'a', partition: 0, before: 100, reason: null }]
  const members = { move: async () => ({ answers, unreached: [] }) }
  const { applied } = await control(store, members).apply({ ...order, partitions: [moveOf(0, 40)] })
  assert.deepEqual([applied.length, stored.length], [1, 0])
})

test('a plan for another group, and for the end of a replay', async () => {
  const replay = { from: 10, to: 100, deduplicates: false }
  const { store } = storeOf(0, { committed: 30, replay, move: 'x' }, {})
  const { store: other } = storeOf(0, { committed: 50 }, { committed: null })
  const copied = await control(store, null, other).plan(ALL, { kind: 'group', group: 'h' })
  assert.deepEqual(
    copied.partitions.map(({ offset, seconds }) => [offset, seconds]),
    [[50, 0]],
  )
  assert.match(copied.left[0]?.reason ?? '', /the group "h" has no offset of a\/1/)
  const ended = await control(store).plan(ALL, { kind: 'before-replay' })
  assert.deepEqual(
    ended.partitions.map(({ offset, skip }) => [offset, skip]),
    [[100, 0]],
  )
  const { store: without } = storeOf(0, {})
  await assert.rejects(control(without).plan(ALL, { kind: 'before-replay' }), {
    code: 'OCC_OFFSETS_CHOICE',
    message: /a\/0 has no replay under way/,
  })
})
