import assert from 'node:assert/strict'
import test from 'node:test'
import { scalingReport } from '../../../src/group/scaling-report.ts'
import type { GroupProgress } from '../../../src/observe/types.ts'
import { progressOf } from '../../support/group-progress.ts'

const PROGRESS: GroupProgress = {
  ...progressOf({ a: 12 }, 1_000_000),
  lag: 600,
  consumeRate: 30,
  produceRate: 20,
  members: 3,
  idleMembers: 0,
}
const OPTIONS = { lagPerPod: 100, membersPerPod: 1, maxAge: 50_000 }

function report(
  changes: Partial<GroupProgress>,
  options: Partial<typeof OPTIONS> = {},
  hold: string | null = null,
) {
  const progress = { ...PROGRESS, ...changes }
  const facts = { progress, problem: null, advice: [], hold, now: 1_010_000 }
  const answer = scalingReport(facts, { ...OPTIONS, ...options })
  return answer.known ? answer : assert.fail(answer.reason)
}

test('the time to drain is the lag divided by consume rate minus produce rate', () => {
  assert.equal(report({}).secondsToDrain, 60)
  assert.equal(report({ lag: 0, produceRate: 99 }).secondsToDrain, 0)
  assert.equal(report({ produceRate: 30 }).secondsToDrain, null)
  assert.equal(report({ produceRate: 31 }).secondsToDrain, null)
  assert.equal(report({ consumeRate: null, produceRate: null }).secondsToDrain, null)
})

test('wanted replicas follow the lag, from 1 to the number of partitions', () => {
  assert.equal(report({ lag: 0 }).wantedReplicas, 1)
  assert.equal(report({ lag: 100 }).wantedReplicas, 1)
  assert.equal(report({ lag: 101 }).wantedReplicas, 2)
  assert.equal(report({ lag: 1e9 }).wantedReplicas, 12)
  assert.equal(report({}, { lagPerPod: 0 }).wantedReplicas, null)
})

test('replicas are derived from the members, of which a pod may have several', () => {
  assert.equal(report({ members: 5 }, { membersPerPod: 2 }).replicas, 3)
  assert.equal(report({ members: null }).replicas, null)
})

test('not read yet, or read too long ago: unknown, with the reason', () => {
  const { at } = PROGRESS
  const facts = {
    progress: PROGRESS,
    problem: 'no broker answers',
    advice: [],
    hold: null,
    now: at + 50_001,
  }
  assert.deepEqual(scalingReport(facts, OPTIONS), {
    known: false,
    reason: 'the offsets of the group were last read 50 s ago: no broker answers',
    advice: [],
  })
  assert.equal(scalingReport({ ...facts, now: at + 50_000 }, OPTIONS).known, true)
  const early = scalingReport({ ...facts, progress: null, problem: null }, OPTIONS)
  assert.equal(early.known ? '' : early.reason, 'the offsets of the group have not been read yet')
})

test('while more pods would not help, the number of pods is held, whatever the lag', () => {
  const why = 'the circuit of handler whale is open'
  const held = report({ lag: 1e9, members: 4 }, {}, why)
  assert.deepEqual([held.wantedReplicas, held.scalingLag, held.hold], [4, 400, why])
  assert.equal(held.lag, 1e9, 'the lag itself is told as it is')
  const fewer = report({ lag: 0, members: 4 }, {}, why)
  assert.deepEqual([fewer.wantedReplicas, fewer.scalingLag], [4, 400])
  const unknown = report({ lag: 1_000, members: null }, {}, why)
  assert.deepEqual([unknown.wantedReplicas, unknown.scalingLag], [10, 1_000])
  assert.equal(report({ lag: 777 }).scalingLag, 777)
})
