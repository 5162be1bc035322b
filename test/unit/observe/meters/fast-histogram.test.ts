import assert from 'node:assert/strict'
import test from 'node:test'
import { Histogram } from 'prom-client'
import { BUCKETS } from '../../../../src/observe/meters/buckets.ts'
import { createFastHistogram } from '../../../../src/observe/meters/fast-histogram.ts'

test("counts as prom-client's own histogram does, for random values and for the bounds", async () => {
  for (const bounds of Object.values(BUCKETS)) {
    const fast = createFastHistogram(bounds)
    const theirs = new Histogram({ name: 'x', help: 'x', buckets: [...bounds], registers: [] })
    const random = Array.from({ length: 20_000 }, () => 10 ** (Math.random() * 11 - 6))
    for (const value of [0, ...bounds, ...random]) {
      fast.observe(value)
      theirs.observe(value)
    }
    const { values } = await theirs.get()
    const { cumulative, sum, count } = fast.snapshot()
    const expected = (suffix: string) =>
      values.filter(({ metricName }) => metricName === `x_${suffix}`).map(({ value }) => value)
    assert.deepEqual(cumulative, expected('bucket'))
    assert.deepEqual([count], expected('count'))
    assert.deepEqual([sum], expected('sum'))
  }
})

test('NaN and infinities do not spoil the sum', () => {
  const histogram = createFastHistogram([1, 2])
  for (const value of [Number.NaN, Infinity, -Infinity, 1.5]) histogram.observe(value)
  assert.deepEqual(histogram.snapshot(), {
    bounds: [1, 2],
    cumulative: [0, 1, 1],
    sum: 1.5,
    count: 1,
  })
})

test('a latency below zero, of clocks that disagree, counts as none and never lowers the sum', () => {
  const histogram = createFastHistogram([1])
  histogram.observe(-5)
  assert.deepEqual(histogram.snapshot(), { bounds: [1], cumulative: [1, 1], sum: 0, count: 1 })
})

test('bounds that are not ascending are refused', () => {
  assert.throws(() => createFastHistogram([1, 1]), /must ascend/)
  assert.throws(() => createFastHistogram([2, 1]), /must ascend/)
  assert.throws(() => createFastHistogram([Number.NaN]), /must ascend/)
})

test('a reader tells what was observed since its last call, and nothing twice', () => {
  const histogram = createFastHistogram([1, 2])
  const [read, late] = [histogram.reader(), histogram.reader()]
  assert.equal(read(), null)
  histogram.observe(0.5)
  histogram.observe(9)
  assert.deepEqual(read(), { counts: [1, 0, 1], sum: 9.5 })
  assert.equal(read(), null)
  histogram.observe(2)
  assert.deepEqual(read(), { counts: [0, 1, 0], sum: 2 })
  assert.deepEqual(late(), histogram.observed())
  assert.deepEqual(histogram.empty().snapshot().cumulative, [0, 0, 0])
})
