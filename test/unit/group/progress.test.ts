import assert from 'node:assert/strict'
import test from 'node:test'
import type { GroupReader, GroupReading } from '../../../src/broker/group-state/reader.ts'
import { createGroupProgress } from '../../../src/group/progress.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { systemClock } from '../../../src/kernel/time/clock.ts'
import type { GroupProgress } from '../../../src/observe/types.ts'

const OPTIONS = {
  interval: 5,
  window: 60_000,
  autoOffsetReset: 'earliest',
  readUncommitted: false,
} as const

function reading(topics: readonly string[]): GroupReading {
  const offsets = topics.map((topic) => ({
    topic,
    partition: 0,
    low: 0,
    end: 10,
    committed: 4,
    partitionsThen: null,
  }))
  return { offsets, members: null, retention: {} }
}

/** A reader that gives each answer in turn and then never again. */
function setUp(answers: ReadonlyArray<GroupReading | Error>) {
  let calls = 0
  const hanging = Promise.withResolvers<void>()
  const reader: GroupReader = {
    async read() {
      const answer = answers[calls]
      calls += 1
      if (answer instanceof Error) throw answer
      if (answer !== undefined) return answer
      hanging.resolve()
      return new Promise<never>(() => {})
    },
    close: async () => {},
  }
  const updates: GroupProgress[] = []
  const codes: string[] = []
  const events = {
    updated: (progress: GroupProgress) => updates.push(progress),
    failed: ({ code }: OccError) => codes.push(code),
  }
  const group = createGroupProgress(reader, OPTIONS, events, systemClock, silentLog)
  group.start()
  return { group, updates, codes, hangs: hanging.promise, calls: () => calls }
}

test('an error keeps the last value and is the problem until the next reading', async () => {
  const error = new OccError('OCC_BROKER_UNREACHABLE', 'no broker answers', { retriable: true })
  const failing = setUp([reading(['a']), error])
  await failing.hangs
  assert.equal(failing.group.progress()?.lag, 6)
  assert.equal(failing.group.problem(), 'no broker answers')
  assert.deepEqual(failing.codes, ['OCC_BROKER_UNREACHABLE'])
  await failing.group.stop()

  const mended = setUp([error, reading(['a', 'b'])])
  await mended.hangs
  assert.equal(mended.group.problem(), null)
  assert.deepEqual(mended.group.progress()?.partitionsByTopic, { a: 1, b: 1 })
  await mended.group.stop()
})

test('a missing topic is a problem, not a reading: a lag of 0 would scale down', async () => {
  const { group, updates, hangs } = setUp([reading(['a']), reading([])])
  await hangs
  assert.equal(group.problem(), 'none of the topics exists on the brokers')
  assert.deepEqual([updates.length, group.progress()?.lag], [1, 6])
  await group.stop()
})

test('stopping does not wait for a hanging reading, and starts no other', async () => {
  const { group, hangs, calls } = setUp([])
  await hangs
  await group.stop()
  assert.equal(calls(), 1)
})
