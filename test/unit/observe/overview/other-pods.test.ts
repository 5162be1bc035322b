import assert from 'node:assert/strict'
import test from 'node:test'
import { podsOf, withTold } from '../../../../src/observe/overview/other-pods.ts'
import type { PartitionWord, PodReport } from '../../../../src/observe/overview/types.ts'
import { partitionFacts, partitionOverview } from '../../../support/overview.ts'

const NOW = Date.UTC(2026, 10, 28, 14, 0)

const part = (partition: number, word: PartitionWord, group?: string) => ({
  ...partitionOverview({ partition, word, ...(group !== undefined && { group }) }),
  facts: partitionFacts(),
})

/** What a pod said so many seconds ago. */
const report = (
  pod: string,
  age: number,
  partitions: Array<ReturnType<typeof part>>,
  problem: string | null = null,
): PodReport => ({
  address: `${pod}:8080`,
  told: { at: NOW - age * 1_000, pod, partitions },
  problem,
})

const notMine = [0, 1, 2, 3].map((partition) =>
  partitionOverview({ partition, word: 'not mine', facts: null }),
)

const told = (reports: readonly PodReport[], partitions = notMine) =>
  withTold(partitions, reports, NOW).map(({ told: it }) =>
    it === undefined ? '-' : `${it.pod} ${it.word} ${it.ageSeconds} ${it.isCurrent}`,
  )

test('what is not mine is as the pod says that has it, and my own as I say', () => {
  const mine = [partitionOverview({ partition: 0 }), ...notMine.slice(1)]
  assert.deepEqual(told([report('a', 1, [part(0, 'stalled'), part(1, 'growing')])], mine), [
    '-',
    'a growing 1 true',
    '-',
    '-',
  ])
})

test('of two that say so, the one that answers is right, then the later one', () => {
  assert.deepEqual(
    told([
      report('old', 1, [part(0, 'ok'), part(1, 'ok'), part(3, 'ok')], 'does not answer'),
      report('new', 2, [part(0, 'growing')]),
      report('newer', 1, [part(0, 'behind'), part(2, 'held')]),
      report('oldest', 9, [part(1, 'stalled'), part(2, 'ok')], 'does not answer'),
    ]),
    ['newer behind 1 true', 'old ok 1 false', 'newer held 1 true', 'old ok 1 false'],
  )
})

test('what nobody has asked about for long is not how it is now', () => {
  assert.deepEqual(told([report('a', 15, [part(0, 'ok')])])[0], 'a ok 15 true')
  assert.deepEqual(told([report('a', 16, [part(0, 'ok')])])[0], 'a ok 16 false')
})

test('what is not known here yet is there as soon as a pod says that it has it', () => {
  const reports = [report('a', 1, [part(0, 'ok')]), report('b', 2, [part(0, 'behind')])]
  const [only, ...more] = withTold([], reports, NOW)
  assert.deepEqual([only?.word, only?.facts, only?.told?.word, more], ['not mine', null, 'ok', []])
})

test('a partition of a group of its own is another one', () => {
  const own = 'a ok 1 true'
  assert.deepEqual(told([report('a', 1, [part(0, 'ok', 'transfers.slow')])]), [
    '-',
    '-',
    '-',
    '-',
    own,
  ])
})

test('each pod is told with its age and its problem', () => {
  assert.deepEqual(
    podsOf(
      [
        report('a', 2, [part(0, 'ok')], 'refused'),
        { address: 'b:8080', told: null, problem: 'refused' },
      ],
      NOW,
    ),
    [
      {
        ...{ pod: 'a', address: 'a:8080', partitions: 1, problem: 'refused' },
        ...{ at: '2026-11-28T13:59:58.000Z', ageSeconds: 2 },
      },
      {
        ...{ pod: null, address: 'b:8080', partitions: null, problem: 'refused' },
        ...{ at: null, ageSeconds: null },
      },
    ],
  )
})
