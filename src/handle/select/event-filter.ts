import type { Asset, ChainEvent } from '../../decode/types.ts'
import { canonicalAddress } from '../../kernel/address.ts'
import { parseUnits } from '../../kernel/amounts.ts'
import { OccError } from '../../kernel/errors.ts'
import type { FilterRules } from '../api/types.ts'

/** True if an event passes. */
export type EventFilter = (event: ChainEvent) => boolean

/** A set of addresses that may change. */
export interface AddressList {
  has(address: string): boolean
}

/** Combines filters, all of which must hold; null: there are none. */
export function allOf(filters: ReadonlyArray<EventFilter | null>): EventFilter | null {
  const [first, second, ...others] = filters.filter((filter) => filter !== null)
  if (first === undefined) return null
  if (second === undefined) return first
  const rest = allOf([second, ...others]) ?? (() => true)
  return (event) => first(event) && rest(event)
}

/**
 * Compiles the rules to one function, cheapest rule first; null if every event passes.
 * @param listed the addresses of `addressesFile`.
 */
export function compileFilter(rules: FilterRules, listed: AddressList | null): EventFilter | null {
  const news = allOf([
    oneOf(rules.kinds, ({ kind }) => kind),
    oneOf(rules.chains, ({ chain }) => chain),
  ])
  const own = allOf([
    rules.success === undefined ? null : ({ success }) => success === rules.success,
    assetFilter(rules.assets),
    amountFilter(rules),
    addressFilter(rules, listed),
  ])
  // A superseded block concerns whoever watches an address or an asset: it may have held them.
  return allOf([news, own === null ? null : (event) => event.kind === 'reorg' || own(event)])
}

function oneOf<Value>(
  values: readonly Value[] | undefined,
  pick: (event: ChainEvent) => Value,
): EventFilter | null {
  if (values === undefined) return null
  const wanted = new Set(values)
  return (event) => wanted.has(pick(event))
}

function assetFilter(assets: readonly string[] | undefined): EventFilter | null {
  if (assets === undefined) return null
  const wanted = new Set(assets.map(canonicalAddress))
  // A chain's native coin has an empty address; it is found by symbol.
  const isWanted = (asset: Asset | null) =>
    asset !== null && (wanted.has(asset.address) || wanted.has(asset.symbol))
  return ({ asset, trade }) =>
    isWanted(asset) ||
    (trade !== undefined &&
      [trade.buy, trade.sell].some((side) =>
        [side, ...side.more].some(({ asset }) => isWanted(asset)),
      ))
}

function amountFilter({ minAmount, minAmountSmallest }: FilterRules): EventFilter | null {
  const smallest = minAmountSmallest === undefined ? null : amountOf(minAmountSmallest, 0)
  if (minAmount === undefined) {
    return smallest === null ? null : ({ amount }) => amount !== null && amount >= smallest
  }
  amountOf(minAmount, 0)
  /** The minimum in smallest units, by decimals. */
  const least = new Map<number, bigint>()
  return ({ amount, asset }) => {
    if (amount === null || (smallest !== null && amount < smallest)) return false
    const decimals = asset?.decimals ?? null
    if (decimals === null) return false
    let limit = least.get(decimals)
    if (limit === undefined) {
      limit = amountOf(minAmount, decimals)
      // Decimals come from the stream and must not fill the memory.
      if (least.size < 256) least.set(decimals, limit)
    }
    return amount >= limit
  }
}

function amountOf(text: string, decimals: number): bigint {
  const amount = parseUnits(text, decimals)
  if (amount !== undefined) return amount
  throw new OccError(
    'OCC_FILTER',
    `"${text}" is not an amount: write it as text, digits with an optional decimal point: '1000.5'`,
  )
}

function addressFilter(
  { addresses, addressRole = 'any' }: FilterRules,
  listed: AddressList | null,
): EventFilter | null {
  if (addresses === undefined && listed === null) return null
  const inline = new Set(addresses?.map(canonicalAddress))
  const has = (address: string | null) =>
    address !== null && (inline.has(address) || listed?.has(address) === true)
  switch (addressRole) {
    // A list may name owners, token accounts, or both.
    case 'from':
      return ({ from, fromAccount = null }) => has(from) || has(fromAccount)
    case 'to':
      return ({ to, toAccount = null }) => has(to) || has(toAccount)
    case 'any':
      return (event) => event.addresses.some(has)
  }
}
