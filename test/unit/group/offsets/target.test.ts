import assert from 'node:assert/strict'
import test from 'node:test'
import { parseTarget } from '../../../../src/group/offsets/target.ts'

const NOW = Date.parse('2026-02-01T12:00:00Z')
const parse = (text: string) => parseTarget(text, NOW)

test('understands every form', () => {
  for (const text of ['beginning', 'BEGINNING', 'earliest']) {
    assert.deepEqual(parse(text), { kind: 'beginning' }, text)
  }
  for (const text of ['end', 'END', 'latest']) assert.deepEqual(parse(text), { kind: 'end' }, text)
  assert.deepEqual(parse('0'), { kind: 'offset', offset: 0 })
  assert.deepEqual(parse('9007199254740991'), { kind: 'offset', offset: 9007199254740991 })
  assert.deepEqual(parse('-1000'), { kind: 'shift', by: -1000 })
  assert.deepEqual(parse('+5'), { kind: 'shift', by: 5 })
  assert.deepEqual(parse('2h'), { kind: 'time', time: NOW - 7_200_000 })
  assert.deepEqual(parse('2h-ago'), { kind: 'time', time: NOW - 7_200_000 })
  assert.deepEqual(parse('1.5d-ago'), { kind: 'time', time: NOW - 129_600_000 })
  assert.deepEqual(parse('group:a:b'), { kind: 'group', group: 'a:b' })
  assert.deepEqual(parse('file:/tmp/plan.json'), { kind: 'file', path: '/tmp/plan.json' })
})

test('a time needs a zone, whatever the zone of this machine is', () => {
  const time = Date.parse('2026-01-31T12:00:00Z')
  for (const text of [
    '2026-01-31T12:00:00Z',
    '2026-01-31T12:00Z',
    '2026-01-31 13:00:00.000+01:00',
    '2026-01-31T06:30:00-05:30',
  ]) {
    assert.deepEqual(parse(text), { kind: 'time', time }, text)
  }
  assert.match(String(parse('2026-01-31T12:00:00')), /no time zone.*2026-01-31T12:00:00Z for UTC/)
  assert.match(String(parse('2026-01-31')), /no time zone.*2026-01-31T00:00:00Z/)
})

test('refuses what cannot be meant, and says what to write', () => {
  for (const [text, why] of [
    ['all', /not understood; give BEGINNING, END, .* group:NAME or file:PLAN/],
    ['', /not understood/],
    ['9007199254740993', /above 2\^53/],
    ['2026-02-30T25:00:00Z', /no date that exists/],
    ['2025-02-30T12:00:00Z', /no date that exists/],
    ['2026-02-01T12:00:01Z', /in the future; give END/],
    ['1969-01-01T00:00:00Z', /before 1970/],
    ['99999d-ago', /before 1970/],
    ['group:', /not understood/],
  ] as const) {
    assert.match(String(parse(text)), why, text)
  }
})
