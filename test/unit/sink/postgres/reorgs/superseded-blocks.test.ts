import assert from 'node:assert/strict'
import test from 'node:test'
import type { ChainEvent } from '../../../../../src/decode/types.ts'
import { SupersededBlocks } from '../../../../../src/sink/postgres/reorgs/superseded-blocks.ts'

const named = (hashes: string) =>
  hashes
    .split(' ')
    .filter(Boolean)
    .map((hash) => ({ number: 1n, hash }))

function reorg(to: string, superseded: string, restored = ''): Partial<ChainEvent> {
  const [from = ''] = superseded.split(' ')
  const blocks = { superseded: named(superseded), restored: named(restored) }
  return { id: `reorg:${from}:${to}`, kind: 'reorg', reorg: { from, to, depth: 1, ...blocks } }
}

const late = (hash: string, supersededBy: string): Partial<ChainEvent> => ({
  ...{ id: 'x', kind: 'transfer' },
  block: { number: 1n, hash, parent: '', supersededBy },
})

test('what is known of a block is the newest that was said, whatever is said again', () => {
  const blocks = new SupersededBlocks((hash) => `\\x${hash}`)
  const known = () => ['a', 'b', 'c', 'z'].map((hash) => blocks.successorOf(`\\x${hash}`))
  const change = blocks.observe(reorg('b', 'a'))
  assert.deepEqual(change, { blocks: [{ number: 1n, hash: '\\xa', supersededBy: 'b' }] })
  assert.deepEqual(known(), ['b', undefined, undefined, undefined])
  // A late message says the block at its height; the reorg has said which block revealed it.
  assert.equal(blocks.observe(late('a', 'y')), null)
  blocks.observe(late('z', 'y'))
  assert.deepEqual(known(), ['b', undefined, undefined, 'y'])
  blocks.observe(reorg('c', 'b', 'a z'))
  assert.deepEqual(known(), [null, 'c', undefined, null])
  // An attempt at the first event again: the change is the same, and what is known stays.
  assert.deepEqual(blocks.observe(reorg('b', 'a')), change)
  assert.deepEqual(known(), [null, 'c', undefined, null])
  // It is superseded once more.
  blocks.observe(late('a', 'd'))
  assert.deepEqual(known(), ['d', 'c', undefined, null])
})

test('as many blocks are remembered as several forks have, and no more', () => {
  const blocks = new SupersededBlocks((hash) => hash)
  for (let index = 0; index < 10_000; index++) blocks.observe(reorg(`b${index}`, `a${index}`))
  const known = Array.from({ length: 10_000 }, (_, index) => blocks.successorOf(`a${index}`))
  assert.equal(known.filter((one) => one !== undefined).length, 8192)
  assert.equal(known.at(-1), 'b9999')
})
