import assert from 'node:assert/strict'
import test from 'node:test'
import {
  type Condition,
  createConditions,
} from '../../../../src/kubernetes/conditions/conditions.ts'
import { fakeRecorder, handClock, POD } from '../fakes.ts'

const MINUTE = 60_000

function growing(lag: number): Condition {
  return {
    key: 'add-partitions',
    regarding: POD,
    type: 'Warning',
    reason: 'AddPartitions',
    action: 'AddPartitions',
    note: `lag ${lag} grows`,
  }
}

function reporting() {
  const recorder = fakeRecorder()
  const clock = handClock()
  const { report } = createConditions(recorder, clock)
  return { recorder, clock, report }
}

test('a lasting condition is one Event, repeated every ten minutes, whatever its numbers', async () => {
  const { recorder, clock, report } = reporting()
  for (let minute = 0; minute < 25; minute++) {
    await report([growing(1_000 * minute)])
    clock.time += MINUTE
  }
  assert.deepEqual(recorder.said, [
    'AddPartitions: lag 0 grows',
    'AddPartitions x2',
    'AddPartitions x3',
  ])
})

test('a condition that ends and begins again is a new Event', async () => {
  const { recorder, clock, report } = reporting()
  await report([growing(1)])
  await report([])
  clock.time += 1
  await report([growing(2)])
  assert.deepEqual(recorder.said, ['AddPartitions: lag 1 grows', 'AddPartitions: lag 2 grows'])
})

test('a changed text is reported, but a flickering one at most once a minute', async () => {
  const { recorder, clock, report } = reporting()
  const notes = ['joining', 'connecting', 'joining', 'connecting']
  for (const note of notes) {
    await report([{ ...growing(0), note }])
    clock.time += 5_000
  }
  assert.deepEqual(recorder.said, ['AddPartitions: joining'])
  clock.time += MINUTE
  await report([{ ...growing(0), note: 'connecting' }])
  assert.deepEqual(recorder.said.at(-1), 'AddPartitions: connecting')
})

test('a refused Event is retried, and does not block the others', async () => {
  const { recorder, report } = reporting()
  recorder.error = new Error('forbidden')
  await assert.rejects(report([growing(1), { ...growing(2), key: 'other' }]), /forbidden/)
  recorder.error = null
  await report([growing(1), { ...growing(2), key: 'other' }])
  assert.equal(recorder.said.length, 2)
})
