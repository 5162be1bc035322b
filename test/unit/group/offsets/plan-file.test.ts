import assert from 'node:assert/strict'
import test from 'node:test'
import { readPlanFile, writePlanFile } from '../../../../src/group/offsets/plan-file.ts'

test('a plan file round-trips', () => {
  const plan = {
    group: 'transfers',
    at: '2026-01-31T12:00:00.000Z',
    partitions: [
      { topic: 'a', partition: 0, offset: 7 },
      { topic: 'a', partition: 1, offset: 0, move: null },
      { topic: 'b', partition: 0, offset: 9, move: 'x' },
    ],
  }
  assert.deepEqual(readPlanFile(writePlanFile(plan)), plan)
  assert.deepEqual(readPlanFile(writePlanFile({ ...plan, partitions: [] })), {
    ...plan,
    partitions: [],
  })
})

test('says what is wrong with a file', () => {
  const file = (partitions: unknown) =>
    JSON.stringify({ version: 1, group: 'g', at: '', partitions })
  const entry = { topic: 'a', partition: 0, offset: 7 }
  for (const [text, why] of [
    ['', /^it is empty$/],
    ['kafka:\n  brokers: []\n', /^it is not JSON[^\n"]*$/],
    ['{"version":1', /^it is not JSON: [^\n"]+$/],
    ['{"version":1,}', /^it is not JSON: see character 13$/],
    ['[]', /no plan file|not a plan file/],
    ['{"version":2}', /not a plan file of version 1/],
    ['{"version":1,"partitions":[]}', /"group" must be a text/],
    [file({}), /"partitions" must be a list/],
    [file([{ ...entry, offset: -1 }]), /"partitions" 0: "offset" must be an integer/],
    [file([{ ...entry, offset: 1.5 }]), /"offset"/],
    [file([{ ...entry, topic: 7 }]), /"topic"/],
    [file([{ ...entry, partition: '0' }]), /"partition"/],
    [file([{ ...entry, move: 7 }]), /"move"/],
    [file([entry, entry]), /"partitions" 1: a\/0 is in it twice/],
  ] as const) {
    assert.match(String(readPlanFile(text)), why, text)
  }
})
