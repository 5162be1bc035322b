import assert from 'node:assert/strict'
import test from 'node:test'
import { StreamEvent } from '../../../../src/decode/streams/event.ts'
import { evmAsset, networkOf } from '../../../../src/decode/streams/evm-messages.ts'
import { solanaAsset } from '../../../../src/decode/streams/solana-messages.ts'
import type { Json } from '../../../../src/decode/types.ts'
import { changed, findEvents, fixtureDocument } from './fixtures.ts'

const batch = fixtureDocument('solana.transfers.1-block-batch')
const failedAndNative = fixtureDocument('solana.transfers.3-failed-and-duplicate')

const read = (document: Json) => findEvents(document, 'solana.transfers')
const firstOf = (document: Json) => {
  const [event] = read(document).events
  assert.ok(event !== undefined)
  return event
}

test('a token transfer: the wallets, and their token accounts beside them', () => {
  assert.deepEqual(
    { ...firstOf(batch) },
    {
      id: 'DkThS89w8q9j3nH7kaN9MPeHqQTXVYW62NCrSCCsatsVuiu9cLMw2WpcBDH43hJt6Jn9pv8TDzbDRRBQA2TgkH8:7',
      chain: 'solana',
      kind: 'transfer',
      time: 1_753_990_893_000,
      from: '6baXYPD4SwG2eGnhSs4z9uD2iy7HBGrvtdVH56HsAdoX',
      to: '8XwG5K1MN2hygUp3ptuT4Q3xQRqopA3pFmHQrbd6AfYo',
      fromAccount: 'CvEK6qvJhy9hQAZ77zwkQ6owsSM3ZhFz8ERiYjCPFPmB',
      toAccount: '3KLQCpHxisZsmuRvHMDciKP7BCq1vjFxgREEPK5GSkqa',
      addresses: [
        '6baXYPD4SwG2eGnhSs4z9uD2iy7HBGrvtdVH56HsAdoX',
        '8XwG5K1MN2hygUp3ptuT4Q3xQRqopA3pFmHQrbd6AfYo',
        'CvEK6qvJhy9hQAZ77zwkQ6owsSM3ZhFz8ERiYjCPFPmB',
        '3KLQCpHxisZsmuRvHMDciKP7BCq1vjFxgREEPK5GSkqa',
      ],
      asset: {
        address: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
        symbol: 'USDC',
        decimals: 6,
      },
      amount: 120_270_000n,
      success: true,
    },
  )
})

test('the JSON of events has their amounts as decimal text', () => {
  const { events } = read(fixtureDocument('solana.transfers.2-u64-precision'))
  const [event, ...others] = JSON.parse(JSON.stringify(events))
  assert.equal(others.length, events.length - 1)
  assert.deepEqual(event, { ...events[0], amount: '18446744073709551557' })
  const none = {
    id: 'a',
    chain: 'solana',
    kind: 'transfer',
    time: null,
    from: null,
    to: null,
  } as const
  const empty = new StreamEvent({
    ...none,
    addresses: [],
    asset: null,
    amount: null,
    success: true,
  })
  assert.equal(JSON.parse(JSON.stringify({ empty })).empty.amount, null)
})

test('a u64 amount keeps every digit', () => {
  const event = firstOf(fixtureDocument('solana.transfers.2-u64-precision'))
  assert.equal(event.amount, 18_446_744_073_709_551_557n)
})

test('a failed transfer, and the native coin without a token account', () => {
  const { events, unreadable } = read(failedAndNative)
  assert.equal(unreadable, 0)
  const [failed, native] = events
  assert.equal(failed?.success, false)
  assert.equal(native?.success, true)
  assert.equal(native?.from, 'DwzhqWfYi72vjEFSWWJDgaorGLCdCw3EFKQsYJSsSgje')
  assert.deepEqual(native?.asset, { address: '', symbol: 'SOL', decimals: 9 })
  assert.deepEqual(native?.addresses, [
    'DwzhqWfYi72vjEFSWWJDgaorGLCdCw3EFKQsYJSsSgje',
    '6UBmcKoVFE1wW9kft9rLVP553LpNd9Jtqm8PvNHNe7YU',
  ])
})

test('a block without a time has none, which is not 1970', () => {
  assert.equal(firstOf(changed(batch, [0, 'Block', 'Timestamp'], 0)).time, null)
  assert.equal(firstOf(changed(batch, [0, 'Block', 'Timestamp'], undefined)).time, null)
  assert.equal(firstOf(changed(batch, [0, 'Block'], undefined)).time, null)
})

test('a missing success is a failure', () => {
  const path = [0, 'Transaction', 'Status', 'Success']
  assert.equal(firstOf(changed(batch, path, undefined)).success, false)
  assert.equal(firstOf(changed(batch, path.slice(0, 3), undefined)).success, false)
})

test('a missing or empty owner leaves the account as the wallet', () => {
  for (const owner of [undefined, null, '']) {
    const event = firstOf(changed(batch, [0, 'Transfer', 'Sender', 'Token', 'Owner'], owner))
    assert.equal(event.from, 'CvEK6qvJhy9hQAZ77zwkQ6owsSM3ZhFz8ERiYjCPFPmB')
  }
})

test('a minted token comes from nobody', () => {
  const event = firstOf(changed(batch, [0, 'Transfer', 'Sender'], null))
  assert.equal(event.from, null)
})

test('the watch-list includes the fee payer and the authority', () => {
  const payer = changed(batch, [0, 'Transaction', 'FeePayer'], 'SomebodyWhoPays')
  const event = firstOf(changed(payer, [0, 'Transfer', 'Authority', 'Address'], 'Delegate'))
  assert.ok(event.addresses.includes('SomebodyWhoPays'))
  assert.ok(event.addresses.includes('Delegate'))
})

test('a field of a wrong type invalidates only that event, and is counted', () => {
  const all = read(batch).events.length
  assert.ok(all >= 2)
  const wrong: ReadonlyArray<[ReadonlyArray<string | number>, Json]> = [
    [['Transaction', 'Signature'], 5],
    [['Transaction', 'Signature'], ''],
    [['Transaction', 'FeePayer'], []],
    [['Transaction', 'Status'], 'ok'],
    [['Transaction', 'Status', 'Success'], 'true'],
    [['Transfer', 'InstructionIndex'], null],
    [['Transfer', 'InstructionIndex'], -1],
    [['Transfer', 'Amount'], 1.5],
    [['Transfer', 'Amount'], '12x'],
    [['Transfer', 'Amount'], '9'.repeat(10_000)],
    [['Transfer', 'Amount'], {}],
    [['Transfer', 'Sender'], 'address'],
    [['Transfer', 'Sender', 'Token'], 7],
    [['Transfer', 'Receiver', 'Address'], 7],
    [['Transfer', 'Currency'], []],
    [['Transfer', 'Currency', 'Decimals'], 'six'],
    [['Block'], 'block'],
    [['Block', 'Timestamp'], 'soon'],
  ]
  for (const [path, value] of wrong) {
    const { events, unreadable } = read(changed(batch, [0, ...path], value))
    assert.equal(events.length, all - 1, path.join('.'))
    assert.equal(unreadable, 1, path.join('.'))
  }
})

test('decimals that no chain can have are not known: amounts of millions of digits would stop the pod', () => {
  const coin = { address: '', symbol: 'ETH', decimals: 18 }
  for (const [claimed, expected] of [
    [18, 18],
    [255, 255],
    [256, null],
    [2_147_483_647, null],
  ] as const) {
    const json = changed(batch, [0, 'Transfer', 'Currency', 'Decimals'], claimed)
    const evm = { SmartContract: Buffer.from([1]), Symbol: 'X', Decimals: claimed }
    const solana = { Native: false, MintAddress: Buffer.alloc(32), Symbol: 'X', Decimals: claimed }
    const network = { ...networkOf(null), coin }
    assert.deepEqual(
      [firstOf(json).asset, evmAsset(evm as never, network), solanaAsset(solana as never)].map(
        (asset) => asset?.decimals,
      ),
      [expected, expected, expected],
    )
    assert.equal(firstOf(json).amount, 120_270_000n)
  }
})
