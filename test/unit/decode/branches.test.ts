import assert from 'node:assert/strict'
import test from 'node:test'
import { Branches, type PlacedBlock } from '../../../src/decode/branches.ts'
import { createRandom, type Random } from '../../support/random.ts'

interface Told extends PlacedBlock {
  readonly isOfBranch: boolean
}

function after(before: Told | null, name: string, step: number, isOfBranch: boolean): Told {
  const parentNumber = before?.block.number ?? 9n
  const number = parentNumber + BigInt(step)
  const parent = before?.block.hash ?? 'none'
  return { block: { number, hash: `${name}${number}`, parent }, parentNumber, isOfBranch }
}

/** A chain, and some branches of it that end; each with the time that it is told at. */
function blocksOf(random: Random, skips: boolean, lateBy: number) {
  const step = () => (skips && random.chance(0.3) ? 2 + random(3) : 1)
  const told: { at: number; one: Told }[] = []
  const chain: Told[] = []
  for (let at = 0; at < 30; at++) {
    const one = after(chain.at(-1) ?? null, 'A', step(), true)
    chain.push(one)
    // What ends the forks comes in its turn.
    told.push({ at: at < 15 ? at + random(100 * lateBy + 1) / 100 : at + lateBy, one })
  }
  for (const name of ['B', 'C', 'D'].slice(0, 1 + random(3))) {
    const fork = 1 + random(8)
    let before = chain[fork] as Told
    for (let more = 1 + random(3); more > 0; more--) {
      before = after(before, name, step(), false)
      told.push({ at: fork + 0.5 + random(100 * lateBy + 100) / 100, one: before })
    }
  }
  return told.sort((one, other) => one.at - other.at).map(({ one }) => one)
}

/** The blocks that whoever obeys what is told takes for superseded. */
function supersededIn(told: readonly Told[]): string[] {
  const branches = new Branches()
  const superseded = new Set<string>()
  for (const one of told) {
    const change = branches.follow(one)
    for (const { hash } of change?.superseded ?? []) superseded.add(hash)
    for (const { hash } of change?.restored ?? []) superseded.delete(hash)
    if (branches.successorOf(one) !== null) superseded.add(one.block.hash)
  }
  return [...superseded].sort()
}

for (const skips of [false, true]) {
  for (const lateBy of [0, 2, 5]) {
    test(`blocks ${lateBy} late, ${skips ? 'with' : 'without'} numbers that are skipped: in the end only other branches are superseded`, () => {
      for (let seed = 1; seed <= 500; seed++) {
        const told = blocksOf(createRandom(seed), skips, lateBy)
        const others = told.filter(({ isOfBranch }) => !isOfBranch)
        assert.deepEqual(
          supersededIn(told),
          others.map(({ block }) => block.hash).sort(),
          `seed ${seed}: ${told.map(({ block }) => `${block.hash}<${block.parent}`).join(' ')}`,
        )
      }
    })
  }
}

test('a parent that cannot be where the message says ends nothing and hangs nothing', () => {
  const branches = new Branches()
  const blockOf = (number: bigint, parentNumber: bigint) => {
    const block = { number, hash: `A${number}`, parent: `A${number - 1n}` }
    return { block, parentNumber }
  }
  assert.equal(branches.follow(blockOf(2n ** 64n - 2n, 3n)), null)
  assert.equal(branches.follow(blockOf(2n ** 64n - 1n, 2n ** 64n - 1n)), null)
  assert.equal(branches.successorOf(blockOf(2n ** 64n - 2n, 3n)), null)
})

test('whatever the blocks say of each other, all are followed', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = createRandom(seed)
    const branches = new Branches()
    const name = () => `${random.pick(['A', 'B', 'C', 'D', 'E'])}`
    for (let more = 60; more > 0; more--) {
      const number = BigInt(random(8))
      const block = { number, hash: `${name()}${random(3)}`, parent: `${name()}${random(3)}` }
      const placed = { block, parentNumber: BigInt(random(9)) }
      branches.follow(placed)
      branches.successorOf(placed)
    }
  }
})
