import assert from 'node:assert/strict'
import test from 'node:test'
import { createReorgs } from '../../../src/decode/reorgs.ts'
import { StreamEvent } from '../../../src/decode/streams/event.ts'
import type { ChainEvent } from '../../../src/decode/types.ts'
import type { KafkaRecord } from '../../../src/kernel/shapes/record.ts'

/**
 * Blocks are written `A7`: branch and number; the parent is `A6` unless given as `B7<A6`. `A7-` has no
 * events.
 */
function follower() {
  const reorgs = createReorgs()
  let offset = 0
  function observe(
    text: string,
    at: number,
    topic: string,
    chain: ChainEvent['chain'],
    over: Partial<KafkaRecord> = {},
  ) {
    const isEmpty = text.endsWith('-')
    const [hash = '', parent = `${text[0]}${Number.parseInt(text.slice(1), 10) - 1}`] = text
      .replace('-', '')
      .split('<')
    const block = { number: BigInt(hash.slice(1)), hash, parent }
    const event = new StreamEvent({
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
      block,
    })
    const own = isEmpty ? [] : [event]
    const found = {
      place: { block, parentNumber: BigInt(parent.slice(1)), time: 1 },
      chain,
      events: own,
    }
    const place = { topic, partition: 0, offset: at, timestamp: 0, key: null, value: null }
    const observed = reorgs.observe({ ...place, headers: undefined, ...over }, found)
    const last = observed.at(-1)
    const { supersededBy } = last?.block ?? {}
    if (isEmpty) assert.ok(observed.length <= 1)
    else if (supersededBy === undefined) assert.equal(last, event)
    else
      assert.deepEqual({ ...last }, { ...last, ...event, block: { ...event.block, supersededBy } })
    const [first] = observed
    if (observed.length === own.length)
      return supersededBy === undefined ? '' : `late, now ${supersededBy}`
    assert.equal(first?.kind, 'reorg')
    assert.equal(first?.block?.hash, hash)
    const { from, to, depth, superseded = [], restored = [] } = first.reorg ?? {}
    const written = JSON.parse(JSON.stringify(first))
    const names = [...superseded, ...restored]
    for (const { number, hash: name } of names) assert.equal(name.slice(1), `${number}`)
    assert.deepEqual(written.block.number, hash.slice(1))
    assert.deepEqual(
      [...written.reorg.superseded, ...written.reorg.restored],
      names.map(({ number, hash: name }) => ({ number: `${number}`, hash: name })),
    )
    const changes = [
      ...superseded.map((one) => `-${one.hash}`),
      ...restored.map((one) => `+${one.hash}`),
    ]
    return `${from}>${to} ${depth}: ${changes.join(' ')}`
  }
  return {
    /** What each block reveals. */
    see: (blocks: string, topic = 't', chain: ChainEvent['chain'] = 'eth') =>
      blocks.split(' ').map((text) => observe(text, offset++, topic, chain)),
    again: (text: string, at: number) => observe(text, at, 't', 'eth'),
    /** It was parked, and is due. */
    due: (text: string, at: number) =>
      observe(text, at, 't', 'eth', {
        parked: { handler: 'h', isReplay: false, times: 1, since: 0 },
      }),
    redriven: (text: string, at: number) =>
      observe(text, at, 't', 'eth', { headers: { 'occ-redrives': Buffer.from('1') } }),
  }
}

test('blocks in a row, in several messages and in any order reveal nothing', () => {
  assert.deepEqual(new Set(follower().see('A1 A2 A2 A3 A1 A5 A4 A5 A9 A7 A8 A9')), new Set(['']))
})

test('another block of the same number, or after another parent, begins another branch', () => {
  // Said once: what follows on the new branch is no news, and what is late of the old one says it.
  assert.deepEqual(follower().see('A1 A2 A3 B3<A2 B4 A3 A4 B5'), [
    ...['', '', '', 'A3>B3 1: -A3', '', 'late, now B3', 'late, now B4', ''],
  ])
  assert.deepEqual(follower().see('A1 A2 A3 A4 B2<A1 B3 B4 A5<A4 A3'), [
    ...['', '', '', '', 'A2>B2 3: -A2 -A3 -A4', '', '', 'B2>A5 3: -B2 -B3 -B4 +A2 +A3 +A4', ''],
  ])
  // The first block of the new branch has not come.
  assert.deepEqual(follower().see('A1 A2 A3 B4<B3 B5 B3<A2'), [
    ...['', '', '', 'A3>B4 1: -A3 +B3', '', ''],
  ])
  // Nor have two, and one of them says that the branch is longer. What came of it stays.
  assert.deepEqual(follower().see('A1 A2 A3 A4 B5<B4 B4<B3 B3<A2 B6'), [
    ...['', '', '', '', 'A4>B5 1: -A4 +B4', 'A3>B4 3: -A3 +B3', '', ''],
  ])
})

test('a branch that was left can win after all, as far back as it goes', () => {
  assert.deepEqual(follower().see('A1 A2 B2<A1 B3 A3 A4 A5 B3'), [
    ...['', '', 'A2>B2 1: -A2', '', 'late, now B3', 'B2>A4 2: -B2 -B3 +A2 +A3', '', 'late, now A3'],
  ])
})

test('a branch that was left and wins is followed back, whichever of its blocks come first', () => {
  assert.deepEqual(follower().see('A1 A2 A3 B2<A1 B3 B4 A5<A4 A4 A6'), [
    ...['', '', '', 'A2>B2 2: -A2 -A3', '', '', 'B4>A5 1: -B4 +A4', 'B2>A4 4: -B2 -B3 +A2 +A3', ''],
  ])
})

test('topics and chains are apart, and so is what is older than is remembered', () => {
  const { see } = follower()
  assert.deepEqual(
    [...see('A1 A2'), ...see('B2<A1', 'u'), ...see('B2<A1', 't', 'bsc')],
    ['', '', '', ''],
  )
  assert.deepEqual(see('A1026 B1<A0'), ['', ''])
})

test('what is read far below what was read before is followed for itself, until it is there again', () => {
  const { see } = follower()
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, at) => `A${from + at}`).join(' ')
  see('A9000 A9001 Z999999999999')
  assert.deepEqual(see('A100 A101 B101<A100 A9002 B102 A102<A101 A101'), [
    ...['', '', 'A101>B101 1: -A101', '', '', 'late, now B102', 'late, now B101'],
  ])
  assert.equal(see(rows(7900, 9001)).join(''), '')
  assert.deepEqual(see('B9002<A9001'), ['A9002>B9002 1: -A9002'])
})

test('a record that is read again reveals the same', () => {
  const { see, again } = follower()
  assert.deepEqual(see('A1 A2 B2<A1 B3'), ['', '', 'A2>B2 1: -A2', ''])
  assert.equal(again('B2<A1', 2), 'A2>B2 1: -A2')
})

test('the block of a parked or redriven record, not seen in its place, begins no branch', () => {
  const { see, due, redriven } = follower()
  see('A5 A6 A7')
  assert.equal(due('B5<A4', 90), 'late, now A5')
  assert.equal(redriven('B6<A5', 91), 'late, now A6')
  // However old: what comes is followed on.
  for (let number = 1; number < 10; number++) due(`A${number * 2000}`, 100 + number)
  const [, revealed = ''] = see('A8 B8<A7')
  assert.equal(revealed, 'A8>B8 1: -A8')
  assert.equal(due('B8<A7', 4), revealed)
})

test('on Solana a branch may skip numbers: what it skips is superseded, too', () => {
  assert.deepEqual(follower().see('A10 A11 A12 B13<A10 B14 A12 A13<A12 A11 A10'), [
    ...[
      '',
      '',
      '',
      'A11>B13 2: -A11 -A12',
      '',
      'late, now B13',
      'late, now B13',
      'late, now B13',
      '',
    ],
  ])
  assert.deepEqual(follower().see('A10 A11 A12 B13<A10 A13<A12 A14'), [
    ...['', '', '', 'A11>B13 2: -A11 -A12', 'late, now B13'],
    'B13>A14 1: -B13 +A11 +A12 +A13',
  ])
  // The skipped ones are of no branch.
  assert.deepEqual(follower().see('A10 A13<A10 A17<A13 A19<A17'), ['', '', '', ''])
  assert.deepEqual(follower().see('A10 A13<A10 B12<A10 A14 B11<A10'), [
    ...['', '', 'late, now A13', '', 'late, now A13'],
  ])
  assert.deepEqual(follower().see('A10 A13<A12 B11<A10 A12<A10'), [
    ...['', '', '', 'B11>A12 3: -B11'],
  ])
  // The parent comes after the block.
  assert.deepEqual(follower().see('A10 A11 A12 B14<B13 B13<A10 B15'), [
    ...['', '', '', '', 'A11>B13 4: -A11 -A12', ''],
  ])
})

test('what a block says of the one before it is known of the present branch', () => {
  // The old branch of a topic in which not every block has a message.
  assert.deepEqual(follower().see('A10 A12 B11<A10 B12 A11 A13'), [
    ...['', '', 'A11>B11 2: -A12', '', 'late, now B11', 'B11>A13 2: -B11 -B12 +A11 +A12'],
  ])
  assert.deepEqual(follower().see('A10 A12 B11<A10 A11 A13'), [
    ...['', '', 'A11>B11 2: -A12', 'late, now B11', 'B11>A13 1: -B11 +A11 +A12'],
  ])
})

test('a block without events supersedes others like any', () => {
  assert.deepEqual(follower().see('A1 A2 B2-<A1 B3-'), ['', '', 'A2>B2 1: -A2', ''])
  assert.deepEqual(follower().see('A1 A2- B2<A1 A2'), ['', '', 'A2>B2 1: -A2', 'late, now B2'])
})
