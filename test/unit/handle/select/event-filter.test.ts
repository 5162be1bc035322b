import assert from 'node:assert/strict'
import test from 'node:test'
import type { ChainEvent } from '../../../../src/decode/types.ts'
import type { FilterRules, Handler } from '../../../../src/handle/api/types.ts'
import { compileFilter } from '../../../../src/handle/select/event-filter.ts'
import { formatUnits, parseUnits } from '../../../../src/kernel/amounts.ts'
import { createPipeline, eventOf } from '../parts.ts'

const USDC = {
  address: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
  symbol: 'USDC',
  decimals: 6,
}
const SOL = { address: '', symbol: 'SOL', decimals: 9 }
const TRX = { address: '', symbol: 'TRX', decimals: 6 }
const UNKNOWN = { address: 'TXYZ', symbol: '', decimals: null }

function passes(rules: FilterRules, over: Partial<ChainEvent>): boolean {
  const filter = compileFilter(rules, null)
  assert.ok(filter)
  return filter(eventOf('id', over))
}

test('kinds, chains and success, on both chains', () => {
  assert.equal(passes({ kinds: ['transfer'] }, { kind: 'transfer' }), true)
  assert.equal(passes({ kinds: ['transfer'] }, { kind: 'transaction', chain: 'tron' }), false)
  assert.equal(passes({ chains: ['tron'] }, { chain: 'tron' }), true)
  assert.equal(passes({ chains: ['tron'] }, { chain: 'solana' }), false)
  assert.equal(passes({ success: true }, { success: false }), false)
  assert.equal(passes({ success: false }, { success: false }), true)
})

test('assets by address or symbol; native coins by symbol', () => {
  assert.equal(passes({ assets: [USDC.address] }, { asset: USDC }), true)
  assert.equal(passes({ assets: ['USDC'] }, { asset: USDC }), true)
  assert.equal(passes({ assets: ['SOL', 'TRX'] }, { asset: TRX }), true)
  assert.equal(passes({ assets: ['SOL'] }, { asset: UNKNOWN }), false)
  assert.equal(passes({ assets: ['SOL'] }, { asset: null }), false)
})

test('EVM addresses match whatever their case, base58 only in its own', () => {
  const checksummed = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48'
  const event = { from: checksummed.toLowerCase(), addresses: [checksummed.toLowerCase()] }
  for (const address of [checksummed, checksummed.toLowerCase()]) {
    assert.equal(passes({ addresses: [address] }, event), true)
    assert.equal(passes({ addresses: [address], addressRole: 'from' }, event), true)
    const asset = { ...USDC, address: checksummed.toLowerCase() }
    assert.equal(passes({ assets: [address] }, { asset }), true)
  }
  assert.equal(passes({ assets: [USDC.address.toLowerCase()] }, { asset: USDC }), false)
})

test('of a trade, both sides are compared with the assets', () => {
  const side = { amount: 1n, account: null, more: [] }
  const dex = { address: 'd', name: '', family: '' }
  const more = [{ asset: TRX, amount: 1n }]
  const sell = { ...side, asset: SOL, more }
  const trade = { dex, pool: null, trader: null, buy: { ...side, asset: USDC }, sell, fees: [] }
  for (const symbol of ['USDC', 'SOL', 'TRX']) {
    assert.equal(passes({ assets: [symbol] }, { asset: USDC, trade }), true)
  }
  assert.equal(passes({ assets: ['BTC'] }, { asset: USDC, trade }), false)
})

test('the news of a superseded block reaches whoever watches addresses, if its kind is wanted', () => {
  const reorg = {
    kind: 'reorg',
    addresses: [],
    reorg: { from: 'a', to: 'b', depth: 1, superseded: [], restored: [] },
  } as const
  assert.equal(passes({ addresses: ['x'], assets: ['USDC'], minAmount: '1' }, reorg), true)
  assert.equal(passes({ addresses: ['x'], kinds: ['transfer', 'reorg'] }, reorg), true)
  assert.equal(passes({ addresses: ['x'], kinds: ['transfer'] }, reorg), false)
  assert.equal(passes({ addresses: ['x'], chains: ['tron'] }, reorg), false)
})

test('addresses: either side, the sender, or the receiver', () => {
  const event = { from: 'a', to: 'b', addresses: ['a', 'b', 'c'] }
  assert.equal(passes({ addresses: ['c'] }, event), true)
  assert.equal(passes({ addresses: ['c'], addressRole: 'to' }, event), false)
  assert.equal(passes({ addresses: ['b'], addressRole: 'to' }, event), true)
  assert.equal(passes({ addresses: ['a'], addressRole: 'from' }, event), true)
  assert.equal(passes({ addresses: ['b'], addressRole: 'from' }, event), false)
  assert.equal(passes({ addresses: ['b'], addressRole: 'to' }, { to: null }), false)
})

test('a token account in the list counts as its owner, on its side', () => {
  const event = { from: 'a', to: 'b', fromAccount: 'ata-a', toAccount: 'ata-b', addresses: [] }
  assert.equal(passes({ addresses: ['ata-b'], addressRole: 'to' }, event), true)
  assert.equal(passes({ addresses: ['ata-b'], addressRole: 'from' }, event), false)
  assert.equal(passes({ addresses: ['ata-a'], addressRole: 'from' }, event), true)
  assert.equal(passes({ addresses: ['ata-a'], addressRole: 'to' }, event), false)
  const native = { ...event, fromAccount: null, toAccount: undefined }
  assert.equal(passes({ addresses: ['ata-a'], addressRole: 'from' }, native), false)
})

test('the minimum amount is exact beyond 2^53, by the decimals of each asset', () => {
  const limit = { minAmount: '18446744073709.551615' }
  const highest = 18_446_744_073_709_551_615n
  assert.equal(passes(limit, { asset: USDC, amount: highest }), true)
  assert.equal(passes(limit, { asset: USDC, amount: highest - 1n }), false)
  assert.equal(passes({ minAmount: '1.5' }, { asset: SOL, amount: 1_500_000_000n }), true)
  assert.equal(passes({ minAmount: '1.5' }, { asset: SOL, amount: 1_499_999_999n }), false)
  assert.equal(passes({ minAmountSmallest: '10' }, { asset: UNKNOWN, amount: 10n }), true)
  assert.equal(passes({ minAmountSmallest: '10' }, { asset: UNKNOWN, amount: 9n }), false)
})

test('events that cannot be compared with the minimum amount do not pass', () => {
  assert.equal(passes({ minAmount: '1' }, { asset: UNKNOWN, amount: 10n ** 30n }), false)
  assert.equal(passes({ minAmount: '1' }, { asset: USDC, amount: null }), false)
})

test('all rules must hold; without rules there is no filter', () => {
  const rules: FilterRules = { assets: ['USDC'], minAmount: '1', success: true }
  assert.equal(passes(rules, { asset: USDC, amount: 1_000_000n }), true)
  assert.equal(passes(rules, { asset: USDC, amount: 1_000_000n, success: false }), false)
  assert.equal(compileFilter({}, null), null)
})

test('an invalid amount is an error', () => {
  assert.throws(() => compileFilter({ minAmount: '1e3' }, null), /"1e3" is not an amount/)
})

test('a handler gets the events that pass; without any it is not called and the message is skipped', () => {
  const got: string[] = []
  const handler: Handler = {
    name: 'one',
    filter: ({ id }) => id.startsWith('a'),
    handle: ({ events, document }) => void got.push(`${events.map(({ id }) => id)} of ${document}`),
  }
  const it = createPipeline([handler])
  it.process(1, 'a1,b1,a2')
  assert.deepEqual(it.process(2, 'b2'), { kind: 'skip', reason: 'filtered' })
  assert.deepEqual(got, ['a1,a2 of a1,b1,a2'])
})

test('events that the global filter leaves out are counted, and a message with none left is skipped', () => {
  const it = createPipeline([], { filter: ({ id }) => id.startsWith('a') })
  it.process(1, 'a1,b1')
  assert.deepEqual(it.process(2, 'b2'), { kind: 'skip', reason: 'filtered' })
  assert.deepEqual([it.meter.events, it.meter.filteredEvents], [3, 2])
})

test('an error thrown by a filter function is an error of its handler', () => {
  const handler: Handler = {
    name: 'one',
    filter() {
      throw new TypeError('bug')
    },
    handle() {},
  }
  const outcome = createPipeline([handler]).process(1)
  assert.equal('fault' in outcome && outcome.fault, 'record')
})

test('amounts convert to units and back exactly', () => {
  for (const [amount, decimals, text] of [
    [1_500_000n, 6, '1.5'],
    [1n, 9, '0.000000001'],
    [0n, 6, '0'],
    [18_446_744_073_709_551_615n, 0, '18446744073709551615'],
    [1_000_000n, 6, '1'],
  ] as const) {
    assert.equal(formatUnits(amount, decimals), text)
    assert.equal(parseUnits(text, decimals), amount)
  }
  assert.equal(parseUnits('0.0000001', 6), 1n, 'finer than the smallest unit: rounded up')
  assert.equal(parseUnits('-1', 6), undefined)
  assert.equal(formatUnits(-1_500_000n, 6), '-1.5')
})
