import assert from 'node:assert/strict'
import test from 'node:test'
import { Sampler } from '../../../src/tracing/sampler.ts'
import { createRandom } from '../../support/random.ts'

function seeded(seed: number): () => number {
  const random = createRandom(seed)
  return () => random(2 ** 32) / 2 ** 32
}

const unlimited = (every: number) => new Sampler({ every, maxPerSecond: 0 }, seeded(1), () => 0)

function picked(sampler: Sampler, calls: number): number {
  let count = 0
  for (let call = 0; call < calls; call++) if (sampler.picks()) count += 1
  return count
}

test('one in so many is picked, at random distances; 1 is every call, 0 none', () => {
  assert.equal(picked(unlimited(1), 1000), 1000)
  assert.equal(picked(unlimited(0), 1000), 0)
  const count = picked(unlimited(1000), 1_000_000)
  assert.ok(count > 900 && count < 1100, `${count} of a million`)
  const sampler = unlimited(10)
  const distances = new Set<number>()
  for (let call = 0, last = 0; call < 1000; call++) {
    if (!sampler.picks()) continue
    distances.add(call - last)
    last = call
  }
  assert.ok(distances.size > 10, 'a fixed distance would always meet the same partition')
})

test('no more traces a second than maxPerSecond, whatever they begin with', () => {
  let now = 0
  const sampler = new Sampler({ every: 1, maxPerSecond: 100 }, seeded(1), () => now)
  assert.equal(picked(sampler, 1000), 100)
  assert.equal(sampler.allows(), false)
  now = 500
  assert.equal(picked(sampler, 1000), 50)
  // An idle hour is not saved up.
  now = 3_600_000
  assert.equal(picked(sampler, 1000), 100)
})
