import assert from 'node:assert/strict'
import test from 'node:test'
import { combinedReport, largestProgress } from '../../../src/group/combined.ts'
import type { Advice, GroupReport, ScalingReport } from '../../../src/observe/types.ts'
import { progressOf } from '../../support/group-progress.ts'
import { type KnownReport, scalingReportOf } from '../../support/status.ts'

const service = (changes: Partial<KnownReport> = {}): GroupReport => ({
  id: 'app',
  isOwn: false,
  report: scalingReportOf({ members: 3, replicas: 3, ...changes }),
})
const slack = (changes: Partial<KnownReport> = {}): GroupReport => ({
  id: 'app.slack',
  isOwn: true,
  report: scalingReportOf({ members: 3, replicas: 3, ...changes }),
})

function known(report: ScalingReport): KnownReport {
  return report.known ? report : assert.fail(report.reason)
}

test('the figures are those of the group that wants the most pods', () => {
  const small = service({ lag: 100, wantedReplicas: 1, scalingLag: 100 })
  const large = slack({ lag: 900, wantedReplicas: 9, scalingLag: 900 })
  for (const groups of [
    [small, large],
    [large, small],
  ]) {
    const { lag, wantedReplicas, scalingLag } = known(combinedReport(groups))
    assert.deepEqual([lag, wantedReplicas, scalingLag], [900, 9, 900])
  }
})

test('a group with few partitions and much lag does not hide that another wants more pods', () => {
  const capped = slack({ wantedReplicas: 2, scalingLag: 5000 })
  const { wantedReplicas, scalingLag } = known(
    combinedReport([service({ wantedReplicas: 4, scalingLag: 400 }), capped]),
  )
  assert.deepEqual([wantedReplicas, scalingLag], [4, 5000])
})

test('without scaling.lagPerPod the group with the most lag is shown', () => {
  const none = { wantedReplicas: null }
  const groups = [service({ ...none, scalingLag: 5 }), slack({ ...none, scalingLag: 50, lag: 50 })]
  assert.equal(known(combinedReport(groups)).lag, 50)
})

test('while the figures of one group are unknown, the whole is: an autoscaler stands still', () => {
  const unknown: GroupReport = {
    id: 'app.slack',
    isOwn: true,
    report: { known: false, reason: 'not read yet', advice: [] },
  }
  assert.deepEqual(combinedReport([service(), unknown]), {
    known: false,
    reason: 'app.slack: not read yet',
    advice: [],
  })
})

test('a held group holds the pods, unless another group could use more', () => {
  const held = slack({ hold: 'the circuit of handler slack is open', wantedReplicas: 3 })
  const hold = (wantedReplicas: number | null, lag = 600) =>
    known(combinedReport([service({ wantedReplicas, lag }), held])).hold
  assert.equal(hold(3), 'app.slack: the circuit of handler slack is open')
  assert.equal(hold(4), null)
  assert.equal(hold(null, 0), 'app.slack: the circuit of handler slack is open')
  assert.equal(hold(null, 1), null)
})

test('advice names the group of a handler; fewer pods are advised if no group could use them', () => {
  const idle: Advice = { kind: 'remove-replicas', text: 'Run fewer replicas.' }
  const slow: Advice = { kind: 'raise-concurrency', text: 'Records wait.' }
  const one = combinedReport([service({ advice: [slow] }), slack({ advice: [idle, slow] })])
  assert.deepEqual(one.advice, [
    slow,
    { kind: slow.kind, text: 'Group app.slack: Records wait.', group: 'app.slack' },
  ])
  const both = combinedReport([service({ advice: [idle] }), slack({ advice: [idle] })])
  assert.equal(both.advice.length, 2)
})

test('as many pods can have work as the largest group has partitions', () => {
  const [few, many] = [progressOf({ a: 2 }, 0), progressOf({ a: 2, b: 9 }, 0)]
  assert.equal(largestProgress([few, many])?.partitions, 11)
  assert.equal(largestProgress([many, few])?.partitions, 11)
  assert.equal(largestProgress([many, null]), null)
})
