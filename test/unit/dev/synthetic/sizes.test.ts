import assert from 'node:assert/strict'
import test from 'node:test'
import type { MessageSize, Stream } from '../../../../dev/synthetic/types.ts'
import { make } from './helpers.ts'

const sizes = (stream: Stream, messageBytes: MessageSize, count: number) =>
  make({ seed: 2, stream, messageBytes, lz4Share: 0 }, count).map(({ value }) => value.length)
const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length

for (const stream of ['solana', 'tron'] as const) {
  test(`${stream}: the mean size is the one asked for, from a few kB to 1 MB`, () => {
    for (const [target, count] of [
      [3_600, 2000],
      [50_000, 100],
      [1_000_000, 5],
    ] as const) {
      const actual = mean(sizes(stream, target, count))
      assert.ok(Math.abs(actual / target - 1) < 0.06, `${actual} for ${target}`)
    }
  })

  test(`${stream}: the smallest message is one event of less than 1.7 kB`, () => {
    assert.ok(Math.max(...sizes(stream, 1_000, 500)) < 1_700)
  })

  test(`${stream}: no message is larger than a broker's default limit of 1 MiB`, () => {
    assert.ok(Math.max(...sizes(stream, 1_000_000, 10)) < 1024 * 1024 - 10_000)
  })
}

test('a range keeps to its ends and prefers small messages', () => {
  const drawn = sizes('solana', { min: 5_000, max: 80_000 }, 500)
  assert.ok(Math.min(...drawn) > 2_000 && Math.max(...drawn) < 84_000)
  const small = drawn.filter((size) => size < 20_000).length
  assert.ok(small > 200 && small < 300, `${small}`)
})

test('mixed sizes are mostly small and sometimes near the limit', () => {
  const drawn = sizes('solana', 'mixed', 1500)
  const share = (limit: number) => drawn.filter((size) => size < limit).length / drawn.length
  assert.ok(share(8_000) > 0.5 && share(8_000) < 0.7)
  assert.ok(share(400_000) < 1)
})
