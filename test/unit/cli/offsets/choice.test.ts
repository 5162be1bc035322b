import assert from 'node:assert/strict'
import test from 'node:test'
import { selectionOf } from '../../../../src/cli/offsets/choice.ts'
import { offsets } from '../../../../src/cli/offsets/offsets.ts'
import { fakeIo } from '../../../support/fake-io.ts'

test('nothing is chosen by leaving something out', () => {
  for (const [flags, why] of [
    [{}, /no topic is chosen/],
    [{ topic: 'a' }, /no partition is chosen/],
    [{ topic: '', 'all-partitions': 'true' }, /--topic is empty/],
    [{ partition: '0' }, /no topic is chosen/],
    [{ 'all-partitions': 'true' }, /no topic is chosen/],
    [{ topic: 'a', 'all-topics': 'true' }, /exclude each other/],
    [{ 'all-topics': 'true', partition: '0' }, /--partition belongs to --topic/],
    [{ topic: 'a', partition: '0', 'all-partitions': 'true' }, /exclude each other/],
    [{ topic: 'a', partition: 'x' }, /--partition: x is not understood/],
  ] as const) {
    assert.throws(() => selectionOf(flags), { code: 'OCC_USAGE', message: why })
  }
  assert.deepEqual(selectionOf({ topic: 'a, b', 'all-partitions': 'true' }), {
    topics: ['a', 'b'],
    partitions: null,
  })
  assert.deepEqual(selectionOf({ topic: 'a', partition: '0,3-4' }), {
    topics: ['a'],
    partitions: [0, 3, 4],
  })
  assert.deepEqual(selectionOf({ 'all-topics': 'true' }), { topics: null, partitions: null })
})

test('mistakes end a command before anything is connected', async () => {
  for (const [args, why] of [
    [[], /offsets needs an action: plan, set/],
    [['sett'], /unknown action "sett" of offsets; did you mean set\?/],
    [['plan', '--all-topics'], /--to is missing; give BEGINNING/],
    [['set', '--all-topics', '--to', '2026-01-31T12:00:00'], /no time zone/],
    [['import'], /needs a file first/],
    [['import', '/no/such/file'], /no such file/],
    [['plan', '--to', 'file:/no/such/file'], /no such file/],
  ] as const) {
    await assert.rejects(offsets(args, fakeIo()), { message: why })
  }
})
