import assert from 'node:assert/strict'
import test from 'node:test'
import { OccError } from '../../../../src/kernel/errors.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { createPartitionSync } from '../../../../src/kubernetes/scaling/partition-sync.ts'
import type { ScaleLimits, ScaleTarget } from '../../../../src/kubernetes/scaling/scale-target.ts'
import type { GroupProgress } from '../../../../src/observe/types.ts'
import { progressOf } from '../../../support/group-progress.ts'
import { fakeRecorder } from '../fakes.ts'

const reference = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'c', uid: 'u' }

function syncing(minimum: number, maximum: number, membersPerPod = 1) {
  const limits = { minimum, maximum, reference, resourceVersion: '1' }
  const writes: number[] = []
  const target: ScaleTarget & { conflict: boolean } = {
    field: 'spec.maxReplicaCount',
    conflict: false,
    read: async (): Promise<ScaleLimits> => ({ ...limits }),
    async setMaximum(wanted) {
      if (this.conflict) throw new OccError('OCC_KUBERNETES_CONFLICT', 'changed')
      writes.push(wanted)
      limits.maximum = wanted
    },
  }
  const recorder = fakeRecorder()
  const source: { progress: GroupProgress | null } = { progress: null }
  const progress = () => source.progress
  const sync = createPartitionSync(membersPerPod, { target, recorder, progress, log: silentLog })
  return { sync, writes, recorder, source, target }
}

test('writes only differences, and reports the change and its reason', async () => {
  const { sync, writes, recorder, source } = syncing(1, 12)
  source.progress = progressOf({ 'solana.transfers': 12 })
  await sync()
  source.progress = progressOf({ 'solana.transfers': 24, 'tron.transfers': 3 }, 2)
  await sync()
  await sync()
  assert.deepEqual(writes, [27])
  assert.deepEqual(recorder.said, [
    'MaximumChanged: spec.maxReplicaCount 12 -> 27: the topics have 27 partitions (solana.transfers 24, tron.transfers 3)',
  ])
})

test('does nothing until the brokers have answered, nor for missing topics', async () => {
  const { sync, writes, source } = syncing(1, 12)
  await sync()
  for (let at = 1; at < 6; at++) {
    source.progress = progressOf({ missing: 0 }, at)
    await sync()
  }
  assert.deepEqual(writes, [])
})

test('never goes below the minimum, and gives that as the reason', async () => {
  const { sync, writes, recorder, source } = syncing(4, 2)
  source.progress = progressOf({ t: 3 })
  await sync()
  assert.deepEqual(writes, [4])
  assert.match(recorder.said.join(), /3 partitions \(t 3\), not below the minimum of 4/)
})

test('counts the pods that can have work, if a pod has several consumers', async () => {
  const { sync, writes, source } = syncing(1, 12, 5)
  source.progress = progressOf({ t: 24 })
  for (let at = 1; at <= 3; at++) {
    source.progress = progressOf({ t: 24 }, at)
    await sync()
  }
  assert.deepEqual(writes, [5])
})

test('lowers the maximum only after three readings that agree', async () => {
  const { sync, writes, source } = syncing(1, 24)
  const read = async (partitions: number, at: number) => {
    source.progress = progressOf({ t: partitions }, at)
    await sync()
    await sync()
  }
  await read(12, 1)
  await read(12, 2)
  await read(6, 3)
  await read(12, 4)
  await read(24, 5)
  await read(12, 6)
  await read(12, 7)
  assert.deepEqual(writes, [])
  await read(12, 8)
  assert.deepEqual(writes, [12])
})

test('leaves an object that changed meanwhile for the next comparison', async () => {
  const { sync, writes, recorder, source, target } = syncing(1, 12)
  source.progress = progressOf({ t: 24 })
  target.conflict = true
  await sync()
  assert.deepEqual(recorder.said, [])
  target.conflict = false
  await sync()
  assert.deepEqual(writes, [24])
})
