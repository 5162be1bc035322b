import type { Asset, ChainEvent, TradeSide } from '../../../src/decode/types.ts'

/** An event as messages.py writes it. */
export function plainEvent({
  id,
  time,
  from,
  to,
  amount,
  asset,
  success,
  block,
  trade,
}: ChainEvent): object {
  return {
    block: [String(block?.number), block?.hash, block?.parent],
    time,
    id,
    from: from ?? '',
    to: to ?? '',
    amount: amount === null ? null : String(amount),
    asset: assetOf(asset),
    success,
    ...(trade !== undefined && {
      buy: sideOf(trade.buy),
      sell: sideOf(trade.sell),
      pool: trade.pool ?? '',
      dex: [trade.dex.address, trade.dex.name, trade.dex.family],
      fees: trade.fees.map((fee) => String(fee.amount)),
    }),
  }
}

function assetOf(asset: Asset | null) {
  return asset && [asset.address, asset.symbol, asset.decimals]
}

function sideOf({ asset, amount, account, more }: TradeSide) {
  const rest = more.map((one) => [assetOf(one.asset), String(one.amount)])
  return [assetOf(asset), String(amount), account ?? '', ...rest]
}
