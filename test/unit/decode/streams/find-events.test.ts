import assert from 'node:assert/strict'
import test from 'node:test'
import type { Json } from '../../../../src/decode/types.ts'
import { changed, findEvents, fixtureDocument, pathsOf } from './fixtures.ts'

const names = [
  'solana.transfers.1-block-batch',
  'solana.transfers.2-u64-precision',
  'solana.transfers.3-failed-and-duplicate',
  'tron.broadcasted.transactions.1-trc20',
  'tron.broadcasted.transactions.2-trx',
]

test('finds the same events by shape as by name', () => {
  for (const name of names) {
    const document = fixtureDocument(name)
    const source = name.startsWith('solana') ? 'solana.transfers' : 'tron.broadcasted.transactions'
    const byShape = findEvents(document, 'auto')
    assert.ok(byShape.events.length > 0)
    assert.deepEqual(byShape, findEvents(document, source))
    assert.equal(findEvents(document, 'none').events.length, 0)
  }
})

test('does not look for other streams if one is named', () => {
  assert.equal(
    findEvents(fixtureDocument(names[0] as string), 'tron.broadcasted.transactions').events.length,
    0,
  )
  assert.equal(findEvents(fixtureDocument(names[3] as string), 'solana.transfers').events.length, 0)
})

test('a document of unknown shape has no events and counts none as unreadable', () => {
  const documents: Json[] = [
    null,
    true,
    7,
    'text',
    [],
    {},
    [null, 1, 'x', [], [[]], {}],
    { Transaction: null, Transfer: null },
    { Transaction: {}, Transfer: {} },
    { Transaction: { Signature: 'x' } },
    { Transactions: [null, 5, {}] },
    { Transactions: {} },
    { hello: 'world' },
  ]
  for (const document of documents) {
    assert.deepEqual(findEvents(document, 'auto'), { events: [], unreadable: 0 })
  }
})

test('no shape makes it throw: every value of every sample replaced by every kind of value', () => {
  const strange: Array<Json | undefined> = [undefined, null, 0, -1.5, '', 'x', true, [], [null], {}]
  let rounds = 0
  for (const name of names) {
    const document = fixtureDocument(name)
    for (const path of pathsOf(document)) {
      for (const value of strange) {
        const { events } = findEvents(changed(document, path, value), 'auto')
        for (const event of events) {
          assert.equal(typeof event.id, 'string')
          assert.equal(new Set(event.addresses).size, event.addresses.length)
          assert.ok(event.addresses.every((address) => typeof address === 'string'))
          assert.ok(event.amount === null || typeof event.amount === 'bigint')
        }
        rounds++
      }
    }
  }
  assert.ok(rounds > 1_000)
})
