import assert from 'node:assert/strict'
import test from 'node:test'
import { createReorgs } from '../../../src/decode/reorgs.ts'
import type { ChainEvent } from '../../../src/decode/types.ts'

/** Blocks are written `A7`: branch and number; the parent is `A6` unless given as `B7<A6`. */
function follower() {
  const reorgs = createReorgs()
  let offset = 0
  function observe(text: string, at: number, topic: string, chain: ChainEvent['chain']) {
    const [hash = '', parent = `${text[0]}${Number(text.slice(1)) - 1}`] = text.split('<')
    const event: ChainEvent = {
      ...{
        id: `${hash}:0`,
        chain,
        kind: 'transfer',
        time: 1,
        from: 'a',
        to: 'b',
        addresses: ['a'],
      },
      ...{ asset: null, amount: 1n, success: true },
      block: { number: BigInt(hash.slice(1)), hash, parent },
    }
    const place = { topic, partition: 0, offset: at, timestamp: 0, key: null, value: null }
    const found = reorgs.observe({ ...place, headers: undefined }, [event])
    assert.equal(found.at(-1), event)
    const [first] = found
    if (found.length === 1) return ''
    assert.equal(first?.kind, 'reorg')
    assert.equal(first?.block?.hash, hash)
    const written = JSON.parse(JSON.stringify(first))
    assert.deepEqual([written.block.number, written.reorg], [hash.slice(1), first.reorg])
    const { from, to, depth } = first.reorg ?? {}
    return `${from}>${to} ${depth}`
  }
  return {
    /** What each block reveals. */
    see: (blocks: string, topic = 't', chain: ChainEvent['chain'] = 'eth') =>
      blocks.split(' ').map((text) => observe(text, offset++, topic, chain)),
    again: (text: string, at: number) => observe(text, at, 't', 'eth'),
  }
}

test('blocks in a row, in several messages and in any order reveal nothing', () => {
  assert.deepEqual(new Set(follower().see('A1 A2 A2 A3 A1 A5 A4 A5 A9 A7 A8 A9')), new Set(['']))
})

test('another block of the same number, or after another parent, begins another branch', () => {
  // Said once: what follows on the new branch, and what is late of the old one, is no news.
  assert.deepEqual(follower().see('A1 A2 A3 B3<A2 B4 A3 A4 B5'), [
    ...['', '', '', 'A3>B3 1', '', '', '', ''],
  ])
  assert.deepEqual(follower().see('A1 A2 A3 A4 B2<A1 B3 B4'), [
    ...['', '', '', '', 'A2>B2 3', '', ''],
  ])
  // The first block of the new branch has not come.
  assert.deepEqual(follower().see('A1 A2 A3 B4<B3 B5 B3<A2'), ['', '', '', 'A3>B4 1', '', ''])
})

test('a branch that was left can win after all, as far back as it goes', () => {
  assert.deepEqual(follower().see('A1 A2 B2<A1 B3 A3 A4 A5'), [
    ...['', '', 'A2>B2 1', '', '', 'B2>A4 2', ''],
  ])
})

test('topics and chains are apart, and so is what is older than is remembered', () => {
  const { see } = follower()
  assert.deepEqual(
    [...see('A1 A2'), ...see('B2<A1', 'u'), ...see('B2<A1', 't', 'bsc')],
    ['', '', '', ''],
  )
  assert.deepEqual(see('A5000 C2'), ['', ''])
  assert.deepEqual(see('B2<A1'), [''])
})

test('a record that is read again reveals the same', () => {
  const { see, again } = follower()
  assert.deepEqual(see('A1 A2 B2<A1 B3'), ['', '', 'A2>B2 1', ''])
  assert.equal(again('B2<A1', 2), 'A2>B2 1')
})
