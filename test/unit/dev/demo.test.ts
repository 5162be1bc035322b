import assert from 'node:assert/strict'
import test from 'node:test'
import { balanceRows } from '../../../dev/demo/balance.ts'
import { quantile } from '../../../dev/demo/display.ts'
import { exampleConfig } from '../../../dev/demo/example.ts'
import { readFlags } from '../../../dev/demo/flags.ts'
import { createFastHistogram } from '../../../src/observe/meters/fast-histogram.ts'

test('the balance has a row for each place of a record, and adds up', () => {
  const rows = balanceRows({
    produced: 100,
    handled: 80,
    leftOut: 5,
    dead: new Map([['OCC_JSON_INVALID', 3]]),
    unfinished: 2,
    unread: 10,
  })
  const [[, produced], ...places] = rows as [string[], ...string[][]]
  assert.equal(
    places.reduce((sum, [, count]) => sum + Number(count), 0),
    Number(produced),
  )
  assert.deepEqual(
    rows.map(([name]) => name),
    [
      'produced',
      '= handled',
      '+ left out (duplicates, filters)',
      '+ dead letters: OCC_JSON_INVALID',
      '+ fetched, not finished, not committed',
      '+ still in Kafka',
    ],
  )
})

test('the quantile covers the observations between two snapshots', () => {
  const histogram = createFastHistogram([0.001, 0.01, 0.1])
  for (let n = 0; n < 1000; n++) histogram.observe(0.05)
  const before = histogram.snapshot()
  assert.equal(quantile(before, before, 0.99), null)
  for (let n = 0; n < 100; n++) histogram.observe(0.0005)
  assert.equal(quantile(before, histogram.snapshot(), 0.99), 0.001)
  for (let n = 0; n < 100; n++) histogram.observe(5)
  assert.equal(quantile(before, histogram.snapshot(), 0.99), null, 'beyond the last bound')
})

test('each flag is validated, and the error names valid values', () => {
  assert.equal(readFlags(['--help']), null)
  assert.equal(readFlags(['--kill'])?.seconds, 30)
  assert.throws(() => readFlags(['--rte', '5']), /unknown flag --rte; did you mean --rate\?/)
  assert.throws(() => readFlags(['--rate', '0']), /--rate is 0; give a number from 1/)
  assert.throws(() => readFlags(['--example', 'nothing']), /choose one of/)
  assert.throws(() => readFlags(['--example', 'whale-alrt']), /; did you mean whale-alert\?/)
  assert.throws(() => readFlags(['--kill', '--example', 'indexer']), /exclude each other/)
})

test('an example that cannot be shown is not among those that can', () => {
  assert.throws(
    () => exampleConfig('tracing'),
    (error: Error) => {
      assert.match(error.message, /There is no example "tracing"/)
      assert.doesNotMatch(error.message, /did you mean tracing/)
      return true
    },
  )
  assert.match(exampleConfig('whale-alert'), /whale-alert\/config\.yaml$/)
})
