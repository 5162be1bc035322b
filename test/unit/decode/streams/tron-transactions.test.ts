import assert from 'node:assert/strict'
import test from 'node:test'
import { StreamEvent } from '../../../../src/decode/streams/event.ts'
import type { Json } from '../../../../src/decode/types.ts'
import { changed, findEvents, fixtureDocument } from './fixtures.ts'

const token = fixtureDocument('tron.broadcasted.transactions.1-trc20')
const coins = fixtureDocument('tron.broadcasted.transactions.2-trx')
const usdt = 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t'
const log = [0, 'Transaction', 'Calls', 0, 'Logs', 0]

const read = (document: Json) => findEvents(document, 'tron.broadcasted.transactions')
const firstOf = (document: Json) => {
  const [event] = read(document).events
  assert.ok(event !== undefined)
  return event
}
/** The value at a path of the token sample. */
function at(path: ReadonlyArray<string | number>): Json {
  return path.reduce<Json>((value, step) => (value as { [key: string]: Json })[step] ?? null, token)
}

const expected = new StreamEvent({
  id: 'b68f5a5b67cf851f9ef25466955be537eb2deeb6479296adf435f211971f9bd2',
  chain: 'tron',
  kind: 'transfer',
  time: 1_762_848_211_206,
  from: 'TBLFVfgBej9tFBVkFST6oN3ZWxMz19PLXB',
  to: 'TMUrjFLLeimEv5PgxZqj3mdYRCVSzoVFgw',
  addresses: ['TBLFVfgBej9tFBVkFST6oN3ZWxMz19PLXB', 'TMUrjFLLeimEv5PgxZqj3mdYRCVSzoVFgw', usdt],
  asset: { address: usdt, symbol: 'USDT', decimals: 6 },
  amount: 27_970_100_000n,
  success: true,
})

test('a token transfer from its log', () => {
  assert.deepEqual(firstOf(token), expected)
})

test('a token transfer from its call, if there is no log', () => {
  assert.deepEqual(firstOf(changed(token, log.slice(0, -1), null)), expected)
})

test('a transfer on behalf of another, by call', () => {
  const argument = (value: string) => ({ Value: { Type: 'x', Value: value } })
  let document = changed(token, log.slice(0, -1), null)
  const call = [0, 'Transaction', 'Calls', 0]
  document = changed(document, [...call, 'Header', 'Signature', 'SignatureHash'], '23b872dd')
  document = changed(document, [...call, 'Arguments'], ['TOwner', 'TReceiver', '5'].map(argument))
  const event = firstOf(document)
  assert.deepEqual([event.from, event.to, event.amount], ['TOwner', 'TReceiver', 5n])
  assert.ok(event.addresses.includes('TBLFVfgBej9tFBVkFST6oN3ZWxMz19PLXB'))
})

test('an unknown token has no decimals instead of wrong ones', () => {
  const event = firstOf(changed(token, [...log, 'Header', 'Address'], 'TUnknownToken'))
  assert.deepEqual(event.asset, { address: 'TUnknownToken', symbol: '', decimals: null })
})

test('several transfers are one transaction without an amount, with all parties', () => {
  const second = structuredClone(at(log)) as { Arguments: Array<{ Value: { Value: string } }> }
  for (const [index, address] of ['TPool', 'TTaker'].entries()) {
    const argument = second.Arguments[index]
    if (argument !== undefined) argument.Value.Value = address
  }
  const logs = log.slice(0, -1)
  const event = firstOf(changed(token, logs, [at(log), second as unknown as Json]))
  assert.equal(event.kind, 'transaction')
  assert.equal(event.amount, null)
  assert.equal(event.asset, null)
  for (const party of ['TPool', 'TTaker', 'TMUrjFLLeimEv5PgxZqj3mdYRCVSzoVFgw']) {
    assert.ok(event.addresses.includes(party), party)
  }
})

test('the number of a unique token is not used as an amount', () => {
  const event = firstOf(changed(token, [...log, 'Arguments', 2, 'Indexed'], true))
  assert.equal(event.kind, 'transfer')
  assert.equal(event.amount, null)
})

test('coins: a transfer of TRX, and a transaction that moves nothing', () => {
  const [transfer, other] = read(coins).events
  assert.equal(transfer?.kind, 'transfer')
  assert.deepEqual(transfer?.asset, { address: '', symbol: 'TRX', decimals: 6 })
  assert.equal(transfer?.from, 'TBKB9BjH5XNzSm37NrgiVvQStBg4H3EaEQ')
  assert.equal(transfer?.amount, null)
  assert.equal(other?.kind, 'transaction')
  assert.equal(other?.asset, null)
  assert.equal(other?.from, 'TDELuXqqhq5BrT1jN4X1NrtKgEoFGHeMkX')
})

test('a TRX transfer has amount and receiver if there is a call', () => {
  const call = { Header: { From: 'TFrom', To: 'TTo', Value: '1500000' } }
  const event = firstOf(changed(coins, [0, 'Transaction', 'Calls'], [call]))
  assert.deepEqual([event.from, event.to, event.amount], ['TFrom', 'TTo', 1_500_000n])
})

test('success is omitted if it is false', () => {
  for (const part of ['TransactionStatus', 'TransactionResult']) {
    assert.equal(
      firstOf(changed(token, [0, 'Transaction', part, 'Success'], undefined)).success,
      false,
    )
    assert.equal(firstOf(changed(token, [0, 'Transaction', part], undefined)).success, true)
  }
  let neither = changed(token, [0, 'Transaction', 'TransactionStatus'], undefined)
  neither = changed(neither, [0, 'Transaction', 'TransactionResult'], undefined)
  assert.equal(firstOf(neither).success, false)
})

test('time is nanoseconds in either form, or the timestamp, or missing', () => {
  const header = [0, 'Transaction', 'TransactionHeader']
  assert.equal(firstOf(changed(token, [...header, 'Time'], 5_000_000)).time, 5)
  const stamped = changed(token, [...header, 'Time'], 0)
  assert.equal(firstOf(stamped).time, 1_762_848_209_775)
  assert.equal(firstOf(changed(stamped, [...header, 'Timestamp'], undefined)).time, null)
})

test('every envelope is read: list, single entry, bare transaction, block', () => {
  const [entry] = token as Json[]
  const transaction = at([0, 'Transaction'])
  for (const document of [
    entry,
    transaction,
    [transaction],
    { Block: {}, Transactions: [transaction] },
    [{ Block: {}, Transactions: [transaction] }],
  ]) {
    assert.deepEqual(read(document ?? null).events, [expected])
  }
})

test('a field of a wrong type invalidates only that event, and is counted', () => {
  const wrong: ReadonlyArray<[ReadonlyArray<string>, Json]> = [
    [['TransactionHeader', 'Hash'], ''],
    [['TransactionHeader', 'Hash'], 7],
    [['TransactionHeader', 'Time'], 'now'],
    [['TransactionHeader', 'FeePayer'], {}],
    [['TransactionStatus'], true],
    [['TransactionResult', 'Success'], 'yes'],
    [['Calls'], 'none'],
    [['ContractInfo', 'Address'], 1],
  ]
  for (const [path, value] of wrong) {
    const { events, unreadable } = read(changed(coins, [0, 'Transaction', ...path], value))
    assert.equal(events.length, 1, path.join('.'))
    assert.equal(unreadable, 1, path.join('.'))
  }
})
