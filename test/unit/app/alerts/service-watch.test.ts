import assert from 'node:assert/strict'
import test from 'node:test'
import type { AlertConfig } from '../../../../src/app/alerts/alert-rules.ts'
import { createServiceWatch, type ServiceView } from '../../../../src/app/alerts/service-watch.ts'
import { formatDuration } from '../../../../src/kernel/text/units.ts'
import type { PartitionStatus } from '../../../../src/observe/status-types.ts'
import { partitionStatus } from '../../../support/status.ts'
import { modelClock, START } from '../../sink/alerts/rules.ts'

const TOPIC = 'solana.transfers'
const INTERVAL = 10_000

/** A watch, and a process that owns these partitions of the topic. */
function watching(...owned: readonly number[]) {
  const clock = modelClock()
  const watch = createServiceWatch(INTERVAL, formatDuration, clock)
  const speaks = (partition: Pick<PartitionStatus, 'group'>) => partition.group === undefined
  let view: ServiceView = { partitions: [], progress: [], letters: 0, speaks }
  return {
    clock,
    /** The brokers were asked just now. */
    read(end: number, lag = 0, letters = 0, partition = {}) {
      const progress = { ...PROGRESS, at: clock.now(), topics: { [TOPIC]: { end, lag } } }
      const partitions = owned.map((number) =>
        partitionStatus({ topic: TOPIC, partition: number, ...partition }),
      )
      view = { partitions, progress: [progress], letters, speaks }
      watch.read(view)
    },
    observe(rule: Partial<AlertConfig>) {
      watch.read(view)
      const alert = { name: 'rule', to: 'out', topics: ['*'], ...rule }
      return watch
        .observe(alert, view)
        .map(({ isBad, value }) => `${isBad ? 'bad' : 'good'} ${value}`)
    },
  }
}

const PROGRESS = {
  ...{ at: START, partitions: 2, partitionsByTopic: {}, lag: 0, consumeRate: null },
  ...{ produceRate: null, members: null, idleMembers: null, retentionByTopic: {} },
}

test('a topic is silent when no reading has seen its end move for so long', () => {
  const { clock, read, observe } = watching(0)
  read(5)
  for (let reading = 0; reading < 6; reading++) {
    clock.pass(INTERVAL)
    assert.deepEqual(observe({ silence: 60_000 }), [
      `good ${reading === 0 ? '0ms' : `${reading * 10}s`}`,
    ])
    read(5)
  }
  assert.deepEqual(observe({ silence: 60_000 }), ['bad 1m'])
  clock.pass(INTERVAL)
  read(6)
  assert.deepEqual(observe({ silence: 60_000 }), ['good 0ms'])
})

test('if the brokers do not answer, the topic is as silent as it looks', () => {
  const { clock, read, observe } = watching(0)
  read(5)
  clock.pass(60_000)
  assert.deepEqual(observe({ silence: 60_000 }), ['bad 1m'])
})

test('only the owner of the first partition speaks of the group, and it knows what was before', () => {
  const other = watching(1)
  other.read(5, 100)
  assert.deepEqual(other.observe({ silence: 60_000 }), [])
  assert.deepEqual(other.observe({ lag: 50 }), [])
  const owner = watching(0, 1)
  owner.read(5, 100)
  assert.deepEqual(owner.observe({ lag: 100 }), ['bad 100'])
  assert.deepEqual(owner.observe({ lag: 101 }), ['good 100'])
  assert.deepEqual(owner.observe({ lag: 1, topics: ['tron.*'] }), [])
})

test('headroom is the least of the partitions of this pod', () => {
  const { read, observe } = watching(3, 4)
  read(5, 0, 0, { retentionHeadroom: 600_000 })
  assert.deepEqual(observe({ headroom: 600_000 }), ['bad 10m'])
  assert.deepEqual(observe({ headroom: 599_000 }), ['good 10m'])
  read(5, 0, 0, { retentionHeadroom: null })
  assert.deepEqual(observe({ headroom: 600_000 }), [])
})

test('dead letters are those of the time, in this pod', () => {
  const { clock, read, observe } = watching(0)
  const rule = { deadLetters: { atLeast: 3, within: 60_000 } }
  read(5, 0, 10)
  assert.deepEqual(observe(rule), ['good 0'])
  clock.pass(30_000)
  read(5, 0, 13)
  assert.deepEqual(observe(rule), ['bad 3'])
  clock.pass(60_000)
  assert.deepEqual(observe(rule), ['good 0'])
})

test('of several groups that have a topic, one speaks of it', () => {
  const { read, observe } = watching(0)
  read(5, 7)
  assert.deepEqual(observe({ lag: 5 }), ['bad 7'])
  read(5, 7, 0, { group: 'app.slack', retentionHeadroom: 60_000 })
  assert.deepEqual(observe({ lag: 5 }), [])
  // Each group may lose records of its own.
  assert.deepEqual(observe({ headroom: 120_000 }), ['bad 1m'])
})
