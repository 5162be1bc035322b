import type { Chain } from '../../kernel/names.ts'
import type { EventKind } from '../../kernel/shapes/event-kind.ts'
import type { Address, Asset, Block, ChainEvent, Reorg, Trade } from '../types.ts'

/**
 * An event as handlers get it: `JSON.stringify` writes amounts as decimal text instead of throwing.
 * Copying the fields costs nothing that can be measured; a `toJSON` of each object would cost 0.2 to
 * 0.4 microseconds.
 */
export class StreamEvent implements ChainEvent {
  readonly id: string
  readonly chain: Chain
  readonly kind: EventKind
  readonly time: number | null
  readonly from: Address | null
  readonly to: Address | null
  readonly fromAccount: Address | null
  readonly toAccount: Address | null
  readonly addresses: readonly Address[]
  readonly asset: Asset | null
  readonly amount: bigint | null
  readonly success: boolean
  declare readonly block?: Block
  declare readonly trade?: Trade
  declare readonly reorg?: Reorg

  constructor(event: ChainEvent) {
    this.id = event.id
    this.chain = event.chain
    this.kind = event.kind
    this.time = event.time
    this.from = event.from
    this.to = event.to
    this.fromAccount = event.fromAccount ?? null
    this.toAccount = event.toAccount ?? null
    this.addresses = event.addresses
    this.asset = event.asset
    this.amount = event.amount
    this.success = event.success
    if (event.block !== undefined) this.block = event.block
    if (event.trade !== undefined) this.trade = event.trade
    if (event.reorg !== undefined) this.reorg = event.reorg
  }

  /** The same, with text in place of every bigint. */
  toJSON(): object {
    const { amount, block, trade, reorg } = this
    return {
      ...this,
      amount: amount === null ? null : amount.toString(),
      ...(block !== undefined && { block: withTexts(block) }),
      ...(trade !== undefined && { trade: withTexts(trade) }),
      ...(reorg !== undefined && { reorg: withTexts(reorg) }),
    }
  }
}

function withTexts(value: object): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? one.toString() : one)),
  )
}
